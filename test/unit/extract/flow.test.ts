import { describe, expect, it } from 'vitest';
import { printed } from './printed';

describe('branches and loops', () => {
  it('joins only what branches wrote', () => {
    expect(printed('function f(a, b) { let x = 1, y = 2; if (a) x = b; else g(); return h(x, y); }'))
      .toMatchInlineSnapshot(`
      "function f(a, b)
        %0 = Param 1
        %1 = Const 1
        %2 = Const 2
        %3 = Global g
        %4 = Call %3 -
        %5 = Phi %0 %1
        %6 = Global h
        %7 = Call %6 - %5 %2
        %8 = Return %7
      "
    `);
  });

  it('drops the branch that leaves', () => {
    expect(printed('function f(a) { let x = 1; if (a) { x = 2; return x; } return x; }')).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Const 1
        %1 = Const 2
        %2 = Return %1
        %3 = Return %0
      "
    `);
  });

  it('keeps calls after a return', () => {
    expect(printed('function f(a) { return a; g(a); }')).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Param 0
        %1 = Return %0
        %2 = Global g
        %3 = Call %2 - %0
      "
    `);
  });

  it('feeds the loop header from continue and from the end of the body', () => {
    expect(
      printed(
        'function f(list) { let s = ""; for (const x of list) { if (x.skip) { s = s + "-"; continue; } s = s + x.text; } return s; }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(list)
        %0 = Param 0
        %1 = StringConst ""
        %2 = Phi %1 %8
        %3 = Iterate %0
        %4 = StringConst "-"
        %5 = Concat %2 %4
        %6 = Load "text" %3
        %7 = Concat %2 %6
        %8 = Phi %7 %5
        %9 = Return %2
      "
    `);
  });

  it('leaves a loop by the condition and by break, also of an outer label', () => {
    expect(
      printed(
        'function f(a) { let r = 0; out: while (c()) { r = 1; for (;;) { if (a) { r = 2; break out; } r = 3; break; } } return r; }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Const 0
        %1 = Phi %0 %5
        %2 = Global c
        %3 = Call %2 -
        %4 = Const 2
        %5 = Const 3
        %6 = Phi %4 %1
        %7 = Return %6
      "
    `);
  });

  it('runs do bodies before the condition and for-in over keys', () => {
    expect(printed('function f(o) { let k; do { k = g(k); } while (k); for (k in o) h(k); return k; }'))
      .toMatchInlineSnapshot(`
        "function f(o)
          %0 = Param 0
          %1 = Phi %3
          %2 = Global g
          %3 = Call %2 - %1
          %4 = Phi %3 %8
          %5 = ForInKey %0
          %6 = Global h
          %7 = Call %6 - %5
          %8 = Guard {not Returned} %5 %7
          %9 = Return %4
        "
      `);
  });

  it('makes no phi for variables a loop does not write', () => {
    expect(printed('function f(a) { let x = g(); while (a.next()) h(x); return x; }')).not.toContain('Phi');
  });

  it('falls through in switch', () => {
    expect(
      printed(
        'function f(a) { let r = "none"; switch (g()) { case 1: r = "one"; case 2: h(r); break; default: r = a; } return r; }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Param 0
        %1 = StringConst "none"
        %2 = Global g
        %3 = Call %2 -
        %4 = StringConst "one"
        %5 = Phi %4 %1
        %6 = Global h
        %7 = Call %6 - %5
        %8 = Guard {not Returned} %5 %7
        %9 = Phi %8 %0
        %10 = Return %9
      "
    `);
  });

  it('carries values from the middle of try to catch, and what was thrown', () => {
    expect(
      printed(
        'function f(a) { let x = 1; try { x = g(a); x = h(x); throw new Error(x); } catch (e) { return [x, e]; } }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Param 0
        %1 = Const 1
        %2 = Global g
        %3 = Call %2 - %0
        %4 = Global h
        %5 = Call %4 - %3
        %6 = Global Error
        %7 = New %6 - %5
        %8 = Throw %7
        %9 = Phi %1 %3 %5
        %10 = Catch %3 %5 %7 %8
        %11 = ArrayLiteral 2
        %12 = Store "0" %11 %9
        %13 = Store "1" %12 %10
        %14 = Return %13
      "
    `);
  });

  it('passes jumps through finally', () => {
    expect(printed('function f(a) { let x = 1; for (;;) { try { x = g(); break; } finally { x = h(x); } } return x; }'))
      .toMatchInlineSnapshot(`
      "function f(a)
        %0 = Const 1
        %1 = Global g
        %2 = Call %1 -
        %3 = Phi %0 %2
        %4 = Global h
        %5 = Call %4 - %3
        %6 = Return %5
      "
    `);
  });

  it('leaves labelled blocks', () => {
    expect(printed('function f(a) { let x = 1; b: { if (a) break b; x = 2; } return x; }')).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Const 1
        %1 = Const 2
        %2 = Phi %1 %0
        %3 = Return %2
      "
    `);
  });
});

describe('guards', () => {
  it('holds an allow-list over early return', () => {
    expect(printed('function f(x) { if (x !== "a" && x !== "b") return; g(x); }')).toMatchInlineSnapshot(`
      "function f(x)
        %0 = Param 0
        %1 = StringConst "a"
        %2 = Binary !== %0 %1
        %3 = Guard {not Equals "a"} %0 %2
        %4 = Guard {Equals "a"} %0 %2
        %5 = StringConst "b"
        %6 = Binary !== %3 %5
        %7 = Guard {not Equals "b"} %3 %6
        %8 = Guard {Equals "b"} %3 %6
        %9 = Phi %4 %8
        %10 = Return - %7
        %11 = Global g
        %12 = Call %11 - %9
        %13 = Guard {not Returned} %9 %12
        %14 = Return - %13
      "
    `);
  });

  it('takes a guard off again where both sides meet', () => {
    expect(printed('function f(x) { if (x === "a" || x === "b") g(x); else h(x); return x; }')).toMatchInlineSnapshot(`
      "function f(x)
        %0 = Param 0
        %1 = StringConst "a"
        %2 = Binary === %0 %1
        %3 = Guard {Equals "a"} %0 %2
        %4 = Guard {not Equals "a"} %0 %2
        %5 = StringConst "b"
        %6 = Binary === %4 %5
        %7 = Guard {Equals "b"} %4 %6
        %8 = Guard {not Equals "b"} %4 %6
        %9 = Phi %3 %7
        %10 = Global g
        %11 = Call %10 - %9
        %12 = Guard {not Returned} %9 %11
        %13 = Global h
        %14 = Call %13 - %8
        %15 = Guard {not Returned} %8 %14
        %16 = Phi %12 %15
        %17 = Return %16
      "
    `);
  });

  it('guards arguments and receivers of calls, with paths', () => {
    expect(
      printed(
        'function f(req) { if (!/^a$/.test(req.q.x) || !req.q.y.startsWith("/a")) throw 1; g(req.q.x, req.q.y); }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(req)
        %0 = Param 0
        %1 = Regex /^a$/
        %2 = Load "test" %1
        %3 = Load "q" %0
        %4 = Load "x" %3
        %5 = Call %2 %1 %4
        %6 = Guard {Call 0 .q.x} %0 %5
        %7 = Load "q" %6
        %8 = Load "y" %7
        %9 = Load "startsWith" %8
        %10 = StringConst "/a"
        %11 = Call %9 %8 %10
        %12 = Guard {Call this .q.y} %6 %11
        %13 = Const 1
        %14 = Throw %13
        %15 = Global g
        %16 = Load "q" %12
        %17 = Load "x" %16
        %18 = Load "q" %12
        %19 = Load "y" %18
        %20 = Call %15 - %17 %19
        %21 = Guard {not Returned .q.x} %12 %20
        %22 = Guard {not Returned .q.y} %21 %20
        %23 = Return - %22
      "
    `);
  });

  it('reads positions as found or not found', () => {
    expect(
      printed(
        'function f(x, l) { if (l.indexOf(x) === -1) return; if (x.search(/a/) >= 0) g(x); if ((m = x.match(/b/)) !== null) h(x); }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(x, l)
        %0 = Param 0
        %1 = Param 1
        %2 = Load "indexOf" %1
        %3 = Call %2 %1 %0
        %4 = Guard {not Call 0} %0 %3
        %5 = Guard {not Call this} %1 %3
        %6 = Guard {Call 0} %0 %3
        %7 = Guard {Call this} %1 %3
        %8 = Return - %4 %5
        %9 = Load "search" %6
        %10 = Regex /a/
        %11 = Call %9 %6 %10
        %12 = Guard {Call this} %6 %11
        %13 = Guard {not Call this} %6 %11
        %14 = Global g
        %15 = Call %14 - %12
        %16 = Guard {not Returned} %12 %15
        %17 = Phi %16 %13
        %18 = Load "match" %17
        %19 = Regex /b/
        %20 = Call %18 %17 %19
        %21 = Global globalThis
        %22 = Store "m" %21 %20
        %23 = Guard {Call this} %17 %20
        %24 = Global h
        %25 = Call %24 - %23
        %26 = Return - %7
      "
    `);
  });

  it('knows typeof, in, instanceof and comparisons', () => {
    expect(
      printed(
        'function f(x, o) { if (typeof x === "string") a(x); if (x in o) b(x); if (x instanceof C) c(x); if (x > 5) d(x); if (x === o.y) e(x); }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(x, o)
        %0 = Param 0
        %1 = Param 1
        %2 = Unary typeof %0
        %3 = StringConst "string"
        %4 = Binary === %2 %3
        %5 = Guard {Typeof "string"} %0 %4
        %6 = Guard {not Typeof "string"} %0 %4
        %7 = Global a
        %8 = Call %7 - %5
        %9 = Guard {not Returned} %5 %8
        %10 = Phi %9 %6
        %11 = Binary in %10 %1
        %12 = Guard {In} %10 %11
        %13 = Guard {not In} %10 %11
        %14 = Global b
        %15 = Call %14 - %12
        %16 = Guard {not Returned} %12 %15
        %17 = Phi %16 %13
        %18 = Global C
        %19 = Binary instanceof %17 %18
        %20 = Guard {Instanceof "C"} %17 %19
        %21 = Guard {not Instanceof "C"} %17 %19
        %22 = Global c
        %23 = Call %22 - %20
        %24 = Guard {not Returned} %20 %23
        %25 = Phi %24 %21
        %26 = Const 5
        %27 = Binary > %25 %26
        %28 = Guard {Compare} %25 %27
        %29 = Guard {not Compare} %25 %27
        %30 = Global d
        %31 = Call %30 - %28
        %32 = Guard {not Returned} %28 %31
        %33 = Phi %32 %29
        %34 = Load "y" %1
        %35 = Binary === %33 %34
        %36 = Guard {EqualsValue} %33 %35
        %37 = Global e
        %38 = Call %37 - %36
        %39 = Return -
      "
    `);
  });

  it('makes none for truthiness', () => {
    expect(printed('function f(x) { if (x && x.y) g(x); return x ? x : 1; }')).not.toContain('Guard');
  });

  it('guards in conditional expressions, && values and loops', () => {
    expect(printed('function f(x) { a(ok(x) ? x : ""); ok(x) && b(x); while (ok(x)) c(x); }')).toMatchInlineSnapshot(`
      "function f(x)
        %0 = Param 0
        %1 = Global a
        %2 = Global ok
        %3 = Call %2 - %0
        %4 = Guard {Call 0} %0 %3
        %5 = StringConst ""
        %6 = Phi %4 %5
        %7 = Call %1 - %6
        %8 = Call %2 - %0
        %9 = Guard {Call 0} %0 %8
        %10 = Global b
        %11 = Call %10 - %9
        %12 = Call %2 - %0
        %13 = Guard {Call 0} %0 %12
        %14 = Guard {not Call 0} %0 %12
        %15 = Global c
        %16 = Call %15 - %13
        %17 = Return - %14
      "
    `);
  });

  it('follows a test through a constant, as long as the variable is the same', () => {
    expect(printed('function f(x) { const good = ok(x); if (!good) return; g(x); }')).toMatchInlineSnapshot(`
      "function f(x)
        %0 = Param 0
        %1 = Global ok
        %2 = Call %1 - %0
        %3 = Guard {Call 0} %0 %2
        %4 = Guard {not Call 0} %0 %2
        %5 = Return - %4
        %6 = Global g
        %7 = Call %6 - %3
        %8 = Guard {not Returned} %3 %7
        %9 = Return - %8
      "
    `);
    expect(printed('function f(x) { const good = ok(x); x = h(); if (!good) return; g(x); }')).not.toContain('Guard');
  });

  it('guards switched values, also under switch (true)', () => {
    expect(printed('function f(x) { switch (x) { case "a": case "b": g(x); break; default: h(x); } }'))
      .toMatchInlineSnapshot(`
        "function f(x)
          %0 = Param 0
          %1 = StringConst "a"
          %2 = Binary === %0 %1
          %3 = Guard {Equals "a"} %0 %2
          %4 = Guard {not Equals "a"} %0 %2
          %5 = StringConst "b"
          %6 = Binary === %0 %5
          %7 = Guard {Equals "b"} %4 %6
          %8 = Guard {not Equals "b"} %4 %6
          %9 = Phi %7 %3
          %10 = Global g
          %11 = Call %10 - %9
          %12 = Global h
          %13 = Call %12 - %8
          %14 = Return -
        "
      `);
    expect(printed('function f(x) { switch (true) { case ok(x): g(x); } }')).toContain('Guard {Call 0}');
  });
});
