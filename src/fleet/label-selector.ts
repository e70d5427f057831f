import { BadUserInputError } from '../common/errors.ts';

const KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/;

/**
 * Reads a label selector, terms `key=value`, `key==value`, `key!=value`, `key` (has it) and `!key`
 * (has it not) joined by commas, all of which must hold. As in kubectl, `key!=value` also fits
 * where the key is missing.
 */
export function parseLabelSelector(
  selector: string,
): (labels: Readonly<Record<string, string>>) => boolean {
  const terms = selector.split(',').map((term) => parseTerm(term.trim(), selector));
  return (labels) => terms.every((term) => term(labels));
}

function parseTerm(
  term: string,
  selector: string,
): (labels: Readonly<Record<string, string>>) => boolean {
  const [, not, key, operator, value] =
    /^(!?)\s*([^=!\s]+)\s*(?:(==?|!=)\s*(.*))?$/.exec(term) ?? [];
  if (key === undefined || !KEY.test(key) || (not === '!' && operator !== undefined)) {
    throw new BadUserInputError(
      `"${term.slice(0, 80)}" in the label selector "${selector.slice(0, 200)}" is not a term; ` +
        'expected key=value, key!=value, key or !key, joined by commas',
    );
  }
  if (operator === undefined) return (labels) => Object.hasOwn(labels, key) === (not === '');
  const equal = operator !== '!=';
  return (labels) => (Object.hasOwn(labels, key) && labels[key] === value) === equal;
}
