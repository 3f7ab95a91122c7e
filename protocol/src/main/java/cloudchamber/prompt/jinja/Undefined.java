package cloudchamber.prompt.jinja;

/** The value of a name or an attribute that there is not: false, empty and without attributes. */
record Undefined(String name) {}
