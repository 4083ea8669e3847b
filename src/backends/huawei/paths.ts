import { Failure } from '../../core/model/failure.js';

/**
 * The path of a template as the vendor's pages write it, with its parameters filled in, whatever is in them. Where the
 * project is not among them it stays open: it is known when the call is sent.
 */
export function filledIn(template: string, parameters: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    if (value === undefined && name === 'project_id') return whole;
    if (value === undefined) throw new Failure('internal', `Nothing fills the parameter ${name} of a path.`);
    return encodeURIComponent(value);
  });
}
