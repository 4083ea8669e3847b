import { getMetadataStorage } from 'class-validator';

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** Does a member of an object keep a rule? */
type Check = (object: object, value: unknown) => boolean;

/** The rules of each class, by the names of its members. */
const compiled = new Map<unknown, ReadonlyMap<string, Check>>();

/**
 * Does an object keep all rules that its class is decorated with, and has it no other members? Says the same as
 * class-validator, which makes a report of every member of every object first; why not, class-validator tells.
 */
export function keepsRules(object: object): boolean {
  const checks = checksOf(object.constructor);
  if (checks.size === 0 || !Object.keys(object).every((name) => checks.has(name))) return false;
  for (const [name, check] of checks) {
    if (!check(object, (object as Readonly<Record<string, unknown>>)[name])) return false;
  }
  return true;
}

function checksOf(Class: unknown): ReadonlyMap<string, Check> {
  const known = compiled.get(Class);
  if (known) return known;
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(Class as new () => object, '', false, false);
  const byMember = Map.groupBy(rules, ({ propertyName }) => propertyName);
  const checks = new Map([...byMember].map(([name, ofMember]) => [name, checkOf(ofMember)]));
  compiled.set(Class, checks);
  return checks;
}

function checkOf(rules: readonly Rule[]): Check {
  const conditions = rules.filter(({ type }) => type === 'conditionalValidation').map(conditionOf);
  const checks = rules.filter(({ type }) => type !== 'conditionalValidation').map(ruleOf);
  return (object, value) =>
    !conditions.every((condition) => condition(object, value)) || checks.every((check) => check(object, value));
}

function conditionOf({ constraints }: Rule): Check {
  return constraints[0] as Check;
}

function ruleOf(rule: Rule): Check {
  if (rule.type === 'nestedValidation') return (_object, value) => isNestedKept(value);
  if (rule.type !== 'customValidation') throw new TypeError(`The rule ${rule.type} is not used here.`);
  const { constraintCls, constraints, each, validateIf, propertyName: property } = rule;
  const validators = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  return (object, value) => {
    if (validateIf && !validateIf(object, value)) return true;
    const context = { targetName: object.constructor.name, property, object, value, constraints };
    const values: readonly unknown[] = each && Array.isArray(value) ? value : [value];
    return validators.every(({ instance }) => values.every((one) => instance.validate(one, context) === true));
  };
}

/** What is absent has nothing below it; whether it may be is a rule of its own. */
function isNestedKept(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.every(isNestedKept);
  return typeof value === 'object' && value !== null && keepsRules(value);
}
