/** The two kinds that tell by which names a key may lead to a prototype. */
import type { KindSet, ModelView } from '../model/summary';

/** The kind of keys that may be `__proto__`. */
export const throughProto = (models: ModelView): KindSet => models.kindBit('proto-key');
/** The kind of keys that may be `constructor`, and of values that may be what such a key reads: a function. */
export const throughConstructor = (models: ModelView): KindSet => models.kindBit('constructor-key');
