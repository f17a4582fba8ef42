// The X server's resource database (RESOURCE_MANAGER), as text: reads and replaces single resources, and keeps the rest byte for byte.
// PURE. Used by `scale.ts`.

/** A line that ends with a backslash goes on in the next one (XrmGetStringDatabase). */
const LINE_END = /(?<!\\)\n/;

/** What stands for it there; undefined where it is not named. */
export function readResource(database: string, name: string): string | undefined {
  let found: string | undefined;
  for (const line of database.split(LINE_END)) found = valueOf(line, name) ?? found;
  return found;
}

/** The database with these in it, each once. */
export function withResources(database: string, resources: Readonly<Record<string, string>>): string {
  const names = Object.keys(resources);
  const others = database.split(LINE_END).filter((line) => line !== "" && names.every((name) => isOther(line, name)));
  return [...others, ...names.map((name) => `${name}:\t${resources[name]}`), ""].join("\n");
}

const isOther = (line: string, name: string): boolean => valueOf(line, name) === undefined;

function valueOf(line: string, name: string): string | undefined {
  const colon = line.indexOf(":");
  return colon >= 0 && line.slice(0, colon).trim() === name ? line.slice(colon + 1).trim() : undefined;
}
