/**
 * The API of OpenAI's clients: models and chat completions, each of them a search.
 */
package cloudchamber.coordinator.http.chat;
