/** An object out of `JSON.parse`, nothing known about its members. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Tells a JSON object from `null`, arrays and plain values. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a member of the object itself, never one that a polluted prototype lends it. */
export function own(json: JsonObject, name: string): unknown {
  return Object.hasOwn(json, name) ? json[name] : undefined
}
