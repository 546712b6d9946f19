/** Models and rules: YAML documents in, what linking and solving ask of them out. Everything others need is exported here. */
export type { ModelCallEffect, ModelCallEffects } from './callEffects';
export { compileModels, prepareInSteps } from './compile';
export type {
  ApiDocument,
  CharactersDocument,
  ConditionDocument,
  FlowDocument,
  GuardDocument,
  ModelDocument,
  ModelProblem,
  PrefixDocument,
  RuleDocument,
  TypeDocument,
} from './document';
export { changedApis, type ApiChange, type Footprint } from './footprint';
export { formatProblem, loadModels, loadOwnModels, type LoadedModels, type ModelText } from './load';
export type { CompiledModels } from './modelSet';
export { PathSyntaxError, parsePath, type PathStep } from './pathGrammar';
export { validateModel } from './validate';
