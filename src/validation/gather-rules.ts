import { getMetadataStorage } from 'class-validator';

/**
 * Makes class-validator gather the rules of a class once. It does so for every object that it validates, among the
 * rules of all classes that there are; but those of a class do not change once it is declared, and groups and schemas,
 * by which they would differ from call to call, are not used here. The rules of a member come in the order in which
 * they are written.
 */
export function gatherRulesOnce(): void {
  const storage = getMetadataStorage();
  const gather = storage.getTargetValidationMetadatas.bind(storage);
  const group = storage.groupByPropertyName.bind(storage);
  const gathered = new Map<unknown, ReturnType<typeof gather>>();
  const grouped = new Map<unknown, ReturnType<typeof group>>();
  storage.getTargetValidationMetadatas = (Class, ...options) =>
    onceFor(gathered, Class, () => gather(Class, ...options));
  storage.groupByPropertyName = (rules) => onceFor(grouped, rules, () => asWritten(group(rules)));
}

/**
 * Decorators are applied from the last to the first; whoever reads rules one by one goes from the first, which is the
 * type.
 */
function asWritten<Rule>(rules: Record<string, Rule[]>): Record<string, Rule[]> {
  for (const ofMember of Object.values(rules)) ofMember.reverse();
  return rules;
}

function onceFor<Value>(known: Map<unknown, Value>, key: unknown, find: () => Value): Value {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}
