/**
 * Bugs planted in how changes are followed: each takes something away that incremental work needs, and the sequences of edits have to notice.
 * `from` stands exactly once in the file.
 */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The test that notices, where it is not the sequences. */
  readonly test?: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'who read an answer that changed does not read it again',
    file: 'server/src/taint/solver.ts',
    from: 'if (!hasSameEffects || !this.table.usesEffectsOnly(dependent, question)) this.dirty.add(dependent);',
    to: '',
  },
  {
    name: 'the results of functions count for nobody',
    file: 'server/src/taint/answerTable.ts',
    from: 'return this.effectsOnly.get(question)?.includes(dependency) === true;',
    to: 'return this.has(question) && this.has(dependency);',
    test: 'test/unit/pipeline/queryLog.test.ts',
  },
  {
    name: 'a cycle that comes into being is not solved as one',
    file: 'server/src/taint/cycles.ts',
    from: 'if (this.isCycle(component) && !this.areSolvedTogether(component))',
    to: 'if (component.length === 0)',
  },
  {
    name: 'a function that comes to call itself is not solved from nothing',
    file: 'server/src/taint/cycles.ts',
    from: 'return component.length > 1 || this.table.dependenciesOf(component[0]).includes(component[0]);',
    to: 'return component.length > 1;',
  },
  {
    name: 'a cycle is solved from what its members said before',
    file: 'server/src/taint/solver.ts',
    from: 'table.set(question, undefined);\n      this.dirty.delete(question);',
    to: 'this.dirty.delete(question);',
  },
  {
    name: 'answers that nobody asks for stay',
    file: 'server/src/taint/solver.ts',
    from: 'const unasked = [...asked.unasked()];',
    to: 'const unasked: QuestionId[] = [];',
  },
  {
    name: 'other links do not make a function another one',
    file: 'server/src/pipeline/functionKey.ts',
    from: 'key.text(own.hash);',
    to: '',
    test: 'test/unit/pipeline/queryLog.test.ts',
  },
  {
    name: 'imports that resolve otherwise now are not looked at',
    file: 'server/src/link/linkCore.ts',
    from: 'if (run.changed.has(state.id) || !asked.hasAny(state.probes)) continue;',
    to: 'continue;',
  },
  {
    name: 'importers of a file with other exports keep their links',
    file: 'server/src/link/linkCore.ts',
    from: 'if (state.interfaceContent !== interfaceContent) run.stale.push(slotOf(id, Part.Interface));',
    to: '',
  },
  {
    name: 'callers of a function that returns something else keep their links',
    file: 'server/src/link/linkCore.ts',
    from: 'if ((state.returns[group] ?? 0) !== (returns[group] ?? 0)) run.stale.push(returnSlot(id, group));',
    to: 'void returns[group];',
    test: 'test/unit/pipeline/queryLog.test.ts',
  },
  {
    name: 'findings stay where they were when lines move',
    file: 'server/src/pipeline/presenting.ts',
    from: 'for (const path of changed) for (const { fingerprint } of book.crossing(path)) touch(fingerprint, path);',
    to: '',
  },
  {
    name: 'findings keep their way when a function on it is answered anew',
    file: 'server/src/pipeline/presenting.ts',
    from: 'if (crossed === undefined || ids.some((id) => crossed.has(id))) touch(fingerprint, path);',
    to: 'if (crossed === undefined && ids.length === 0) touch(fingerprint, path);',
    test: 'test/unit/pipeline/queryLog.test.ts',
  },
  {
    name: 'configuration that changed is not looked at',
    file: 'server/src/pipeline/linking.ts',
    from: 'const update = this.linker.update(changes, configuration, reasons);',
    to: 'const update = this.linker.update(changes, [], reasons);',
  },
  {
    name: 'answers made with other models stay',
    file: 'server/src/pipeline/solving.ts',
    from: 'this.keys.delete(id);\n        this.told.delete(id);',
    to: 'this.told.delete(id);',
    // Random sequences notice it, too, but not always among so few: most models leave the links of who uses them otherwise.
    test: 'test/unit/pipeline/changedModels.test.ts',
  },
  {
    name: 'what a cancelled answer was to say again is forgotten',
    file: 'server/src/taint/solver.ts',
    from: '// Cancelled: still to be done.\n      this.dirty.add(question);',
    to: '',
    test: 'test/unit/pipeline/cancelledUpdates.test.ts',
  },
  {
    name: 'what a cancelled update left half done is saved as if it were done',
    file: 'server/src/pipeline/pipeline.ts',
    from: 'isSettled: () => this.isSettled && !this.first.isDue,',
    to: 'isSettled: () => !this.first.isDue,',
    test: 'test/unit/pipeline/unsavedIndex.test.ts',
  },
  {
    name: 'what files contributed that are gone stays',
    file: 'server/src/link/linkCore.ts',
    from: 'for (const versions of run.gone) this.book.retarget(at(versions, round), undefined, run);',
    to: '',
    test: 'test/unit/link/incremental.test.ts',
  },
  {
    name: 'files of which nobody asked anything are unknown after a restart',
    file: 'server/src/pipeline/solving.ts',
    from: 'this.noteFile(file, this.host.links.functionsOf(file) ?? NO_FUNCTIONS);',
    to: '',
  },
  {
    name: 'recursion with limits stays as it was first solved',
    file: 'server/src/taint/cycles.ts',
    from: 'else if (component.some((question) => this.limited.has(question)) && !this.isSolvedAsItIs(component)) {',
    to: 'else if (component.length < 0) {',
    test: 'test/unit/taint/limits.test.ts',
  },
];
