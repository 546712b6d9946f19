/**
 * Checks one model document: its shape against the JSON Schema that editors use as well, then what a schema can't say
 * (paths that parse, kinds that exist, conditions that make sense). Every problem says where it is and what is allowed.
 */
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import schema from '../../../models/schema.json';
import { compileModels } from './compile';
import { closest, type ModelDocument, type ModelProblem } from './document';

/** What messages need of the part of the schema that was broken. */
interface SchemaPart {
  readonly properties?: object;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

let validator: ValidateFunction<ModelDocument> | undefined;

/** Made when first needed: most runs see shipped models only, which are checked by tests. */
function shape(): ValidateFunction<ModelDocument> {
  validator ??= new Ajv({
    allErrors: true,
    strict: false,
    verbose: true,
    validateFormats: false,
  }).compile<ModelDocument>(schema);
  return validator;
}

export function isModelDocument(document: unknown): document is ModelDocument {
  return shape()(document);
}

/**
 * `context` are the documents it is used with (the shipped ones): their kinds and types may be named. Without them,
 * only the shape and the grammar are checked.
 */
export function validateModel(
  document: unknown,
  name = nameOf(document),
  context?: readonly ModelDocument[],
): ModelProblem[] {
  const check = shape();
  if (!check(document)) return shapeProblems(check.errors ?? [], name);
  const documents = [...(context ?? []), document];
  return compileModels(documents)
    .problems.filter(
      ({ index, isReference }) => index === documents.length - 1 && (context !== undefined || !isReference),
    )
    .map(({ at, message, hint }) => ({ document: name, at, message, hint }));
}

function nameOf(document: unknown): string {
  const library =
    typeof document === 'object' && document !== null && 'library' in document ? document.library : undefined;
  return typeof library === 'string' ? library : 'model';
}

function shapeProblems(errors: readonly ErrorObject[], name: string): ModelProblem[] {
  const problems = new Map<string, ModelProblem>();
  for (const error of errors) {
    const problem = { document: name, at: pointer(error.instancePath), ...explain(error) };
    const key = JSON.stringify([problem.at, problem.message]);
    if (!problems.has(key)) problems.set(key, problem);
  }
  return [...problems.values()];
}

function pointer(path: string): (string | number)[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function explain(error: ErrorObject): { message: string; hint: string } {
  const place = error.instancePath === '' ? 'the document' : `"${String(pointer(error.instancePath).pop())}"`;
  const parent = (error.parentSchema ?? {}) as SchemaPart;
  const example =
    parent.examples === undefined
      ? ''
      : ` For example: ${parent.examples.map((value) => JSON.stringify(value)).join(', ')}.`;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params.additionalProperty);
      const known = Object.keys(parent.properties ?? {});
      const near = closest(name, known);
      return {
        message: `"${name}" is not known here.`,
        hint: `${near === undefined ? '' : `Did you mean "${near}"? `}Allowed are ${known.join(', ')}.`,
      };
    }
    case 'required':
      return {
        message: `${capitalized(place)} needs "${String(error.params.missingProperty)}".`,
        hint: parent.description ?? '',
      };
    case 'minProperties':
      return {
        message: 'The entry says nothing about its path.',
        hint: 'Add one of type, source, sink, flow, removes, guard or passesThrough.',
      };
    case 'type':
      return {
        message: `${capitalized(place)} has to be ${listed(error.params.type)}.`,
        hint: `${parent.description ?? ''}${example}`.trim(),
      };
    case 'enum':
      return {
        message: `${capitalized(place)} is not one of the allowed values.`,
        hint: `Allowed are ${listed(error.params.allowedValues)}.`,
      };
    case 'pattern':
      return {
        message: `${capitalized(place)} is not written as it should be.`,
        hint: `${parent.description ?? ''}${example}`.trim(),
      };
    default:
      return {
        message: `${capitalized(place)} ${error.message ?? 'is not valid'}.`,
        hint: `${parent.description ?? ''}${example}`.trim(),
      };
  }
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const listed = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(' or ') : String(value));
