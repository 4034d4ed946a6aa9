/**
 * One rule, as data: what it is called, what it protects, and how to find out whether a subject keeps it.
 *
 * A case throws when it fails and needs no test runner: `test(each.name, () => each.run(create))` in any of them.
 */
export interface Case<Subject, Setup = void, Outcome = void> {
  /** Says the rule, so that a list of red names is a list of what is broken. Unique among its list. */
  readonly name: string
  /** Says what breaks when the rule does. */
  readonly rule: string
  /** Tries the rule on subjects of its own; `create` makes one, as often as the case asks. */
  run(create: (setup: Setup) => Promise<Subject>): Promise<Outcome>
}
