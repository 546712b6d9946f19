/** The skeleton of a file and its packed form: what `skeletonFacts.ts` and `skeletonCodec.ts` hold, under one name. */
export * from './skeletonFacts';
export { decodeImports, decodeSkeleton, encodeSkeleton } from './skeletonCodec';
