/** The API, from its own description. */
import { html } from '/dashboard/vendor/preact-htm.js';
import { useDocument } from '/dashboard/live.js';
import { Failure } from '/dashboard/parts.js';

const METHODS = ['get', 'post', 'put', 'delete'];
const SCHEMAS = '#/components/schemas/';

/** What a $ref names, with what stands beside it. */
function resolved(api, node) {
  if (!node?.$ref) return node;
  const { $ref, ...beside } = node;
  const named = $ref.slice(2).split('/').reduce((part, name) => part[name.replaceAll('~1', '/').replaceAll('~0', '~')], api);
  return { ...named, ...beside };
}

/** A schema in a few words; the names of others are links. */
function Type({ schema }) {
  if (schema.$ref) {
    const name = schema.$ref.slice(SCHEMAS.length);
    return html`<a href=${`#/api/${encodeURIComponent(name)}`}>${name}</a>`;
  }
  if (schema.oneOf) return schema.oneOf.map((choice, index) => html`${index > 0 && ' or '}<${Type} schema=${choice} />`);
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' or ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.items) return html`list of <${Type} schema=${schema.items} />${schema.type.includes('null') && ' or null'}`;
  if (schema.additionalProperties?.type) return html`any names, each <${Type} schema=${schema.additionalProperties} />`;
  return [schema.type].flat().join(' or ');
}

const BOUNDS = { minimum: 'at least', exclusiveMinimum: 'above', maximum: 'at most', minLength: 'characters at least', maxLength: 'characters at most',
  minItems: 'entries at least', maxItems: 'entries at most', maxProperties: 'entries at most', pattern: 'like', default: 'unless given' };

const bounds = schema => Object.entries(BOUNDS).filter(([word]) => word in schema)
  .map(([word, said]) => `${said} ${JSON.stringify(schema[word])}`).join(', ');

function Fields({ rows }) {
  return html`<div class="scroll"><table><thead><tr><th>name</th><th>value</th><th>meaning</th></tr></thead><tbody>${rows.map(
    ([name, required, schema, description]) => html`<tr key=${name}><td><code>${name}</code>${required && ' *'}</td>
      <td><${Type} schema=${schema} /></td><td>${[description ?? schema.description, bounds(schema)].filter(Boolean).join('; ')}</td></tr>`)}</tbody></table></div>`;
}

function Schema({ api, name, schema }) {
  const whole = resolved(api, schema);
  const rows = Object.entries(whole.properties ?? {}).map(([field, of]) => [field, whole.required?.includes(field), of]);
  return html`<section class="panel"><h2>${name}</h2>${whole.description && html`<p>${whole.description}</p>`}
    ${rows.length > 0 ? html`<${Fields} rows=${rows} />` : html`<p><${Type} schema=${whole} /></p>`}</section>`;
}

function examples(media) {
  if ('example' in media) return [[null, media.example]];
  return Object.values(media.examples ?? {}).map(example => [example.summary, example.value]);
}

const written = value => typeof value === 'string' ? value : JSON.stringify(value, null, 2);

function Content({ content }) {
  return Object.entries(content ?? {}).map(([type, media]) => html`<div key=${type}>
    <p><code>${type}</code>: <${Type} schema=${media.schema} /></p>
    ${media['x-events'] && html`<${Fields} rows=${Object.entries(media['x-events']).map(([event, schema]) => [event, false, schema, ''])} />`}
    ${media['x-lines'] && html`<p>Each line: <${Type} schema=${media['x-lines']} /></p>`}
    ${examples(media).map(([summary, value]) => html`<details><summary>${summary ?? 'Example'}</summary><pre class="scroll">${written(value)}</pre></details>`)}</div>`);
}

function Operation({ api, path, method, operation, shared }) {
  const parameters = [...shared, ...operation.parameters ?? []].map(parameter => resolved(api, parameter));
  const body = operation.requestBody;
  return html`<details class="panel"><summary><b>${method.toUpperCase()}</b> <code>${path}</code> <span class="hint">${operation.summary}</span></summary>
    ${parameters.length > 0 && html`<${Fields} rows=${parameters.map(
      each => [`${each.name} (${each.in})`, each.required, each.schema, each.description])} />`}
    ${body && html`<h3>Body</h3><${Content} content=${body.content} />`}
    ${Object.entries(operation.responses).map(([status, response]) => {
      const answer = resolved(api, response);
      return html`<h3>${status === 'default' ? 'Otherwise' : status}: ${answer.description}</h3>
        ${answer.headers && html`<${Fields} rows=${Object.entries(answer.headers).map(
          ([name, header]) => [name, false, header.schema, header.description])} />`}<${Content} content=${answer.content} />`;
    })}</details>`;
}

/** @param schema the name of the one that is shown; all operations if there is none */
export function ApiPage({ schema }) {
  const [api, failure] = useDocument('/openapi.json', null);
  if (!api) return html`<h1>API</h1><${Failure} failure=${failure} />${!failure && html`<p class="waiting">Loading …</p>`}`;
  if (schema) {
    const named = api.components.schemas[schema];
    return html`<p><a href="#/api">All requests</a></p>${named
      ? html`<${Schema} api=${api} name=${schema} schema=${named} />` : html`<h1>Nothing here</h1><p>The API has no ${schema}.</p>`}`;
  }
  const operations = Object.entries(api.paths).flatMap(([path, item]) => METHODS.filter(method => item[method]).map(
    method => ({ path, method, operation: item[method], shared: item.parameters ?? [] })));
  return html`<h1>API</h1><p>${api.info.description}</p>
    <p class="hint">OpenAPI ${api.openapi}, as <a href="/openapi.json">openapi.json</a>. A * marks what must be given, or is always there.</p>
    ${api.tags.map(tag => html`<section key=${tag.name}><h2>${tag.name} <span class="hint">${tag.description}</span></h2>
      ${operations.filter(each => each.operation.tags.includes(tag.name)).map(
        each => html`<${Operation} key=${`${each.method} ${each.path}`} api=${api} ...${each} />`)}</section>`)}`;
}
