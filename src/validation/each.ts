import { getMetadataStorage, type ValidationError } from 'class-validator';

/** The rules that a list breaks for each of its elements, and which elements break them. */
export interface BrokenByElements {
  /** The names of those rules, as they stand among the constraints of the list. */
  readonly rules: ReadonlySet<string>;
  /** Each wrong element with the message of the first rule that it breaks. */
  readonly elements: readonly { readonly index: string; readonly message: string }[];
}

/** class-validator tells that some element breaks a rule, not which. */
export function brokenByElements({ target, property, value, constraints = {} }: ValidationError): BrokenByElements {
  if (target === undefined || !Array.isArray(value)) return { rules: new Set(), elements: [] };
  const storage = getMetadataStorage();
  const gathered = storage.groupByPropertyName(
    storage.getTargetValidationMetadatas(target.constructor, '', false, false),
  );
  const rules = (gathered[property] ?? [])
    .filter(({ each }) => each)
    .flatMap((rule) =>
      storage.getTargetValidatorConstraints(rule.constraintCls).map((constraint) => ({ rule, constraint })),
    )
    .filter(({ constraint }) => constraints[constraint.name] !== undefined);
  const context = { targetName: target.constructor.name, property, object: target, value };
  const elements = value.flatMap((element: unknown, index) => {
    const broken = rules.find(
      ({ rule, constraint }) =>
        constraint.instance.validate(element, { ...context, constraints: rule.constraints }) !== true,
    );
    return broken ? [{ index: String(index), message: constraints[broken.constraint.name] ?? '' }] : [];
  });
  return { rules: new Set(rules.map(({ constraint }) => constraint.name)), elements };
}
