import { describe, expect, it } from 'vitest';
import { printed } from './printed';

describe('values', () => {
  it('lowers calls with their receiver, new, spread and optional access', () => {
    expect(printed('function f(a) { a.m(1, ...a.list); a?.b?.(2); new a.C(a[0], a["k"], a[a.i]); g(); }'))
      .toMatchInlineSnapshot(`
      "function f(a)
        %0 = Param 0
        %1 = Load "m" %0
        %2 = Const 1
        %3 = Load "list" %0
        %4 = Spread %3
        %5 = Call %1 %0 %2 %4
        %6 = Load "b" %0
        %7 = Const 2
        %8 = Call [Optional] %6 %0 %7
        %9 = Load "C" %0
        %10 = Load "0" %0
        %11 = Load "k" %0
        %12 = Load "i" %0
        %13 = LoadElement %0 %12
        %14 = New %9 - %10 %11 %13
        %15 = Global g
        %16 = Call %15 -
      "
    `);
  });

  it('follows properties into new versions of the variable', () => {
    expect(printed('function f(o, v) { o.x = v; o.a.b = v; o[v] = 1; return o; }')).toMatchInlineSnapshot(`
      "function f(o, v)
        %0 = Param 0
        %1 = Param 1
        %2 = Store "x" %0 %1
        %3 = Load "a" %2
        %4 = Store "b" %3 %1
        %5 = Store "a" %2 %4
        %6 = Const 1
        %7 = StoreElement %5 %1 %6
        %8 = Return %7
      "
    `);
  });

  it('versions `this`', () => {
    expect(printed('function f(v) { this.x = v; this.run(); }')).toMatchInlineSnapshot(`
      "function f(v)
        %0 = Param this
        %1 = Param 0
        %2 = Store "x" %0 %1
        %3 = Load "run" %2
        %4 = Call %3 %2
      "
    `);
  });

  it('stores what object and array literals hold', () => {
    expect(printed('function f(a) { return { a, b: [1, , a], ...a, [a]: 2, get g() { return 1 } }; }'))
      .toMatchInlineSnapshot(`
      "function f(a)
        %0 = Param 0
        %1 = ObjectLiteral
        %2 = Store "a" %1 %0
        %3 = ArrayLiteral 3
        %4 = Const 1
        %5 = Store "0" %3 %4
        %6 = Store "2" %5 %0
        %7 = Store "b" %2 %6
        %8 = Copy %7 %0
        %9 = Const 2
        %10 = StoreElement %8 %0 %9
        %11 = Closure (function f / getter returned.g)
        %12 = Store "get g" %10 %11
        %13 = Return %12
      "
    `);
  });

  it('concatenates where text may be', () => {
    expect(printed('function f(a, n) { g("x" + a + 1, 1 + 2, n.length * 2 + 1, `p${a}q`); a += "s"; return a; }'))
      .toMatchInlineSnapshot(`
      "function f(a, n)
        %0 = Param 0
        %1 = Param 1
        %2 = Global g
        %3 = StringConst "x"
        %4 = Const 1
        %5 = Concat %3 %0 %4
        %6 = Const 1
        %7 = Const 2
        %8 = Binary + %6 %7
        %9 = Load "length" %1
        %10 = Const 2
        %11 = Binary * %9 %10
        %12 = Const 1
        %13 = Binary + %11 %12
        %14 = StringConst "p"
        %15 = StringConst "q"
        %16 = Concat %14 %0 %15
        %17 = Call %2 - %5 %8 %13 %16
        %18 = StringConst "s"
        %19 = Concat %0 %18
        %20 = Return %19
      "
    `);
  });

  it('gives tagged templates their parts and values', () => {
    expect(printed('function f(a) { return sql`select ${a} from t`; }')).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Param 0
        %1 = Global sql
        %2 = ArrayLiteral 2
        %3 = StringConst "select "
        %4 = Store "0" %2 %3
        %5 = StringConst " from t"
        %6 = Store "1" %4 %5
        %7 = Call [TaggedTemplate] %1 - %6 %0
        %8 = Return %7
      "
    `);
  });

  it('takes the right side of && and either side of || and ??', () => {
    expect(printed('function f(a, b) { return [a && b, a || b, a ?? b]; }')).toMatchInlineSnapshot(`
      "function f(a, b)
        %0 = Param 0
        %1 = Param 1
        %2 = ArrayLiteral 3
        %3 = Store "0" %2 %1
        %4 = Phi %0 %1
        %5 = Store "1" %3 %4
        %6 = Phi %0 %1
        %7 = Store "2" %5 %6
        %8 = Return %7
      "
    `);
  });

  it('joins logical assignments and counts', () => {
    expect(printed('function f(a, b) { a ||= b; b.x ??= a; a &&= 1; return a++ + --b.n; }')).toMatchInlineSnapshot(`
      "function f(a, b)
        %0 = Param 0
        %1 = Param 1
        %2 = Phi %1 %0
        %3 = Store "x" %1 %2
        %4 = Phi %3 %1
        %5 = Const 1
        %6 = Phi %5 %2
        %7 = Unary + %6
        %8 = Load "n" %4
        %9 = Unary -- %8
        %10 = Store "n" %4 %9
        %11 = Binary + %7 %9
        %12 = Return %11
      "
    `);
  });

  it('destructures with defaults and rest', () => {
    expect(printed('function f({ a, b: [c = 1, ...d], [a]: e, ...r }, ...rest) { return g(a, c, d, e, r, rest); }'))
      .toMatchInlineSnapshot(`
      "function f(_, rest)
        %0 = Param 0
        %1 = Load "a" %0
        %2 = Load "b" %0
        %3 = Load "0" %2
        %4 = Const 1
        %5 = Phi %3 %4
        %6 = Rest %2
        %7 = LoadElement %0 %1
        %8 = Rest %0
        %9 = RestParam 1
        %10 = Global g
        %11 = Call %10 - %1 %5 %6 %7 %8 %9
        %12 = Return %11
      "
    `);
  });

  it('destructures in assignments', () => {
    expect(printed('function f(o, p) { let a; [a, p.x = 2] = o; ({ a, y: p.y, ...p.z } = o); return g(a, p); }'))
      .toMatchInlineSnapshot(`
      "function f(o, p)
        %0 = Param 0
        %1 = Param 1
        %2 = Load "1" %0
        %3 = Const 2
        %4 = Phi %2 %3
        %5 = Store "x" %1 %4
        %6 = Load "a" %0
        %7 = Load "y" %0
        %8 = Store "y" %5 %7
        %9 = Rest %0
        %10 = Store "z" %8 %9
        %11 = Global g
        %12 = Call %11 - %6 %10
        %13 = Return %12
      "
    `);
  });

  it('knows await, yield, spread and meta properties', () => {
    expect(
      printed(
        'async function* f(a) { const b = await a; const c = yield b; yield* c; return [new.target, import.meta, typeof c]; }',
      ),
    ).toMatchInlineSnapshot(`
      "function f(a) [Async Generator]
        %0 = Global new.target
        %1 = Param 0
        %2 = Await %1
        %3 = Yield %2
        %4 = Yield * %3
        %5 = ArrayLiteral 3
        %6 = Store "0" %5 %0
        %7 = Global import.meta
        %8 = Store "1" %6 %7
        %9 = Unary typeof %3
        %10 = Store "2" %8 %9
        %11 = Return %10
      "
    `);
  });

  it('assigns globals to the global object', () => {
    expect(printed('function f(v) { location = v; document.title = v; return document; }')).toMatchInlineSnapshot(`
      "function f(v)
        %0 = Param 0
        %1 = Global globalThis
        %2 = Store "location" %1 %0
        %3 = Global document
        %4 = Store "title" %3 %0
        %5 = Return %4
      "
    `);
  });
});

describe('JSX', () => {
  it('calls components with their attributes and children', () => {
    expect(
      printed('function f(p) { return <Box id="a" open {...p}>hi {p.name}<b x={1} /></Box>; }', 'function f', 'jsx'),
    ).toMatchInlineSnapshot(`
      "function f(p)
        %0 = Param 0
        %1 = Global Box
        %2 = ObjectLiteral
        %3 = StringConst "a"
        %4 = Store "id" %2 %3
        %5 = Const true
        %6 = Store "open" %4 %5
        %7 = Copy %6 %0
        %8 = StringConst "hi"
        %9 = Load "name" %0
        %10 = Global @jsx
        %11 = Load "b" %10
        %12 = ObjectLiteral
        %13 = Const 1
        %14 = Store "x" %12 %13
        %15 = Call [Jsx] %11 - %14
        %16 = ArrayLiteral 3
        %17 = Store "0" %16 %8
        %18 = Store "1" %17 %9
        %19 = Store "2" %18 %15
        %20 = Store "children" %7 %19
        %21 = Call [Jsx] %1 - %20
        %22 = Return %21
      "
    `);
  });

  it('knows fragments, member tags and namespaced names', () => {
    expect(printed('function f(p) { return <><ui.Box a:b="1" /></>; }', 'function f', 'tsx')).toMatchInlineSnapshot(`
      "function f(p)
        %0 = Global @jsx
        %1 = Load "Fragment" %0
        %2 = ObjectLiteral
        %3 = Global ui
        %4 = Load "Box" %3
        %5 = ObjectLiteral
        %6 = StringConst "1"
        %7 = Store "a:b" %5 %6
        %8 = Call [Jsx] %4 - %7
        %9 = Store "children" %2 %8
        %10 = Call [Jsx] %1 - %9
        %11 = Return %10
      "
    `);
  });
});

describe('TypeScript', () => {
  it('types parameters and assertions by the root of the named type', () => {
    expect(
      printed(
        'import { Request } from "express"; class Db {} interface I {} function f(a: Request, b: Db | null, c: I, d: number, e: string, g: Promise<Db>) { return h(a, b, c, d, e, g, a as unknown as Db, <Db>b, c!, d satisfies number); }',
        'function f',
        'ts',
      ),
    ).toMatchInlineSnapshot(`
      "function f(a, b, c, d, e, g)
        %0 = Param 0
        %1 = Import import "express"
        %2 = Load "Request" %1
        %3 = Typed %0 %2
        %4 = Param 1
        %5 = Captured Db
        %6 = Typed %4 %5
        %7 = Param 2
        %8 = Param 3
        %9 = Global number
        %10 = Typed %8 %9
        %11 = Param 4
        %12 = Param 5
        %13 = Typed %12 %5
        %14 = Global h
        %15 = Typed %3 %5
        %16 = Typed %6 %5
        %17 = Call %14 - %3 %6 %7 %10 %11 %13 %15 %16 %7 %10
        %18 = Return %17
      "
    `);
  });

  it('builds enums and namespaces as objects', () => {
    expect(
      printed(
        'enum E { A, B = 5, C } namespace N { export const x = 1; export function g() { return x; } } use(E, N);',
        'module',
        'ts',
      ),
    ).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = ObjectLiteral
        %2 = Const 0
        %3 = Store "A" %1 %2
        %4 = Const 5
        %5 = Store "B" %3 %4
        %6 = Const 6
        %7 = Store "C" %5 %6
        %8 = ObjectLiteral
        %9 = Cell x %11
        %10 = Closure (namespace N / function g)
        %11 = Const 1
        %12 = Store "x" %8 %11
        %13 = Store "g" %12 %10
        %14 = Global use
        %15 = Call %14 - %7 %13
        %16 = Return %0
      "
    `);
  });
});
