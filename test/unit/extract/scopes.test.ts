import { describe, expect, it } from 'vitest';
import { Op } from '../../../server/src/model/graph';
import { extractJavaScript } from '../../../server/src/extract/javascript';
import { keysOf, printed } from './printed';

describe('captured variables', () => {
  it('gives the cell what the closure sees, guards included', () => {
    expect(printed('function f(id) { if (!ok(id)) return; db(() => g(id)); }')).toMatchInlineSnapshot(`
      "function f(id)
        %0 = Cell id %4
        %1 = Param 0
        %2 = Global ok
        %3 = Call %2 - %1
        %4 = Guard {Call 0} %1 %3
        %5 = Guard {not Call 0} %1 %3
        %6 = Return - %5
        %7 = Global db
        %8 = Closure (function f / arrow in db())
        %9 = Call %7 - %8
        %10 = Return - %4
      "
    `);
  });

  it('gives the cell every value of a variable that is assigned again', () => {
    expect(printed('function f(a) { let x = a; db(() => g(x)); x = 2; return x; }')).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Cell x %1 %5
        %1 = Param 0
        %2 = Global db
        %3 = Closure (function f / arrow in db())
        %4 = Call %2 - %3
        %5 = Const 2
        %6 = Return %5
      "
    `);
  });

  it('does not give the cell what was replaced before a closure is made', () => {
    expect(printed('function f(x) { x = x | 0; db(() => g(x)); }')).toMatchInlineSnapshot(`
      "function f(x)
        %0 = Cell x %3
        %1 = Param 0
        %2 = Const 0
        %3 = Binary | %1 %2
        %4 = Global db
        %5 = Closure (function f / arrow in db())
        %6 = Call %4 - %5
      "
    `);
  });

  it('gives the cell all that is assigned in the loop in which a closure is made', () => {
    expect(printed('function f(a) { let x = 0; for (;;) { x = a.b; g(); x = 1; g = () => x; } }'))
      .toMatchInlineSnapshot(`
      "function f(a)
        %0 = Cell x %2 %5 %7
        %1 = Param 0
        %2 = Const 0
        %3 = Global g
        %4 = Phi %3 %8
        %5 = Load "b" %1
        %6 = Call %4 -
        %7 = Const 1
        %8 = Closure (function f / arrow g)
        %9 = Global globalThis
        %10 = Store "g" %9 %8
      "
    `);
  });

  it('reads the cell where inner functions write', () => {
    expect(printed('function f(a) { let x = 1; a(v => { x = v; }); return x; }')).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Cell x %3
        %1 = Param 0
        %2 = Const 1
        %3 = Phi %2 %0
        %4 = Closure (function f / arrow in a())
        %5 = Call %1 - %4
        %6 = Return %3
      "
    `);
    expect(printed('function f(a) { let x = 1; a(v => { x = v; }); return x; }', 'function f / arrow in a()'))
      .toMatchInlineSnapshot(`
      "function f / arrow in a()(v) [Arrow]
        %0 = Param 0
        %1 = CapturedWrite x %0
      "
    `);
  });

  it('sees later values of what was captured before it had one', () => {
    expect(printed('function f(a) { let x; const g = () => x; x = a; return g; }')).toMatchInlineSnapshot(`
      "function f(a)
        %0 = Cell x %1
        %1 = Param 0
        %2 = Closure (function f / arrow g)
        %3 = Return %2
      "
    `);
  });

  it('captures `this` in arrows only', () => {
    expect(printed('function f(v) { this.a = v; return [() => this.a, function () { return this; }]; }'))
      .toMatchInlineSnapshot(`
      "function f(v)
        %0 = Cell %this %3
        %1 = Param this
        %2 = Param 0
        %3 = Store "a" %1 %2
        %4 = ArrayLiteral 2
        %5 = Closure (function f / arrow)
        %6 = Store "0" %4 %5
        %7 = Closure (function f / function)
        %8 = Store "1" %6 %7
        %9 = Return %8
      "
    `);
  });

  it('stores on captured variables', () => {
    const code = 'const cache = {}; function f(k, v) { cache.last = v; return cache.last; }';
    expect(printed(code)).toMatchInlineSnapshot(`
      "function f(k, v)
        %0 = Param 1
        %1 = Captured cache
        %2 = Store "last" %1 %0
        %3 = Load "last" %2
        %4 = Return %3
      "
    `);
  });

  it('hoists functions and var, and keeps let in its block', () => {
    expect(printed('function f(a) { g(x); var x = 1; { let x = a; h(x); } function g(v) {} return x; }'))
      .toMatchInlineSnapshot(`
        "function f(a)
          %0 = Param 0
          %1 = Closure (function f / function g)
          %2 = Const undefined
          %3 = Call %1 - %2
          %4 = Const 1
          %5 = Global h
          %6 = Call %5 - %0
          %7 = Guard {not Returned} %0 %6
          %8 = Return %4 %7
        "
      `);
  });

  it('lets a closure in a loop join the header', () => {
    expect(printed('function f(l) { let n = 0; for (const x of l) { x.each(() => { n = x; }); g(n); } }'))
      .toMatchInlineSnapshot(`
        "function f(l)
          %0 = Cell n %3
          %1 = Param 0
          %2 = Const 0
          %3 = Phi %2 %0
          %4 = Cell x %5
          %5 = Iterate %1
          %6 = Load "each" %5
          %7 = Closure (function f / arrow in x.each())
          %8 = Call %6 %5 %7
          %9 = Global g
          %10 = Call %9 - %3
          %11 = Return -
        "
      `);
  });

  it('knows a named function expression by its name', () => {
    expect(printed('function f() { return function g(n) { return g(n - 1); }; }', 'function f / function g'))
      .toMatchInlineSnapshot(`
        "function f / function g(n)
          %0 = Param 0
          %1 = Captured g
          %2 = Const 1
          %3 = Binary - %0 %2
          %4 = Call %1 - %3
          %5 = Return %4
        "
      `);
  });
});

describe('classes', () => {
  const code = `class Cart extends Base {
    items = []; #secret; static count = 0; static { this.ready = true; }
    constructor(owner) { super(owner); this.owner = owner; }
    get total() { return this.#secret; } static of(o) { return new Cart(o); }
    add(x) { super.add(x); this.items.push(x); return () => this; }
  }`;
  it('puts methods behind the class, statics on it and fields into the constructor', () => {
    expect(printed(code, 'module')).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Cell Cart %7 %12
        %2 = Global Base
        %3 = Class Cart
        %4 = Closure (class Cart / constructor)
        %5 = Closure (class Cart / getter total)
        %6 = Closure (class Cart / static method of)
        %7 = Store "of" %3 %6
        %8 = Closure (class Cart / method add)
        %9 = Const 0
        %10 = Store "count" %7 %9
        %11 = Const true
        %12 = Store "ready" %10 %11
        %13 = Return %0
      "
    `);
    expect(printed(code, 'class Cart / constructor')).toMatchInlineSnapshot(`
      "class Cart / constructor(owner) [Constructor]
        %0 = Param this
        %1 = ArrayLiteral 0
        %2 = Store "items" %0 %1
        %3 = Param 0
        %4 = Super Cart
        %5 = Call [SuperCall] %4 %2 %3
        %6 = Store "owner" %2 %3
      "
    `);
    expect(printed(code, 'class Cart / method add')).toMatchInlineSnapshot(`
      "class Cart / method add(x) [Method]
        %0 = Cell %this %10
        %1 = Param this
        %2 = Param 0
        %3 = Super Cart
        %4 = Load "add" %3
        %5 = Call %4 %1 %2
        %6 = Load "items" %1
        %7 = Load "push" %6
        %8 = Call %7 %6 %2
        %9 = Guard {not Returned} %2 %8
        %10 = Guard {not Returned .items} %1 %8
        %11 = Closure (class Cart / method add / arrow returned)
        %12 = Return %11 %10 %9
      "
    `);
  });

  it('lists members and the constructor', () => {
    const file = extractJavaScript(code, 'js');
    const [cart] = file.classes;
    expect(cart.members.map((m) => [file.strings[m.name], m.isStatic])).toEqual([
      ['total', false],
      ['of', true],
      ['add', false],
    ]);
    expect(file.functions[cart.constructorIndex].key).toBe('class Cart / constructor');
    expect(file.functions[0].op[cart.node]).toBe(Op.Class);
  });

  it('makes up a constructor for fields', () => {
    expect(printed('class A extends B { x = 1; }', 'class A / constructor')).toMatchInlineSnapshot(`
      "class A / constructor(args) [Constructor]
        %0 = Param this
        %1 = RestParam 0
        %2 = Super A
        %3 = Spread %1
        %4 = Call [SuperCall] %2 %0 %3
        %5 = Const 1
        %6 = Store "x" %0 %5
      "
    `);
  });

  it('stores parameter properties and declared fields', () => {
    expect(
      printed(
        'class A { repo: Repo; constructor(private db: Db, name: string) { use(name); } }',
        'class A / constructor',
        'ts',
      ),
    ).toMatchInlineSnapshot(`
      "class A / constructor(db, name) [Constructor]
        %0 = Param this
        %1 = Unknown
        %2 = Global Repo
        %3 = Typed %1 %2
        %4 = Store "repo" %0 %3
        %5 = Param 0
        %6 = Global Db
        %7 = Typed %5 %6
        %8 = Param 1
        %9 = Store "db" %4 %7
        %10 = Global use
        %11 = Call %10 - %8
        %12 = Guard {not Returned} %8 %11
        %13 = Return - %12
      "
    `);
  });

  it('applies decorators', () => {
    const text = '@Ctl("/a") class A { @Get("/b") m(@Body() b) {} @Inject() x: X; }';
    expect(printed(text, 'module', 'ts')).toMatchInlineSnapshot(`
      "module() [Module]
        %0 = ObjectLiteral
        %1 = Class A
        %2 = Closure (class A / constructor)
        %3 = Closure (class A / method m)
        %4 = Global Get
        %5 = StringConst "/b"
        %6 = Call %4 - %5
        %7 = Call [Decorator] %6 - %3
        %8 = Global Ctl
        %9 = StringConst "/a"
        %10 = Call %8 - %9
        %11 = Call [Decorator] %10 - %1
        %12 = StringConst "x"
        %13 = Global Inject
        %14 = Call %13 -
        %15 = Call [Decorator] %14 - %12 %1
        %16 = Return %0
      "
    `);
    // Those of a parameter are applied where the function begins.
    expect(printed(text, 'class A / method m', 'ts')).toMatchInlineSnapshot(`
      "class A / method m(b) [Method]
        %0 = Param 0
        %1 = Global Body
        %2 = Call %1 -
        %3 = Call [Decorator] %2 - %0
      "
    `);
    const file = extractJavaScript(text, 'ts');
    expect(
      file.decorators.map((d) => [
        d.target,
        d.parameter,
        d.targetFunction === -1 ? '' : file.functions[d.targetFunction].key,
      ]),
    ).toEqual([
      ['parameter', 0, 'class A / method m'],
      ['member', -1, 'class A / method m'],
      ['class', -1, ''],
      ['member', -1, ''],
    ]);
  });
});

describe('keys', () => {
  it('names functions by container and role', () => {
    expect(
      keysOf(`export function a() { return () => 1; }
        exports.run = function () {}; const b = () => { items.map(x => x); };
        app.get('/users', (req, res) => {}); app.get('/carts', (req, res) => {});
        const o = { m() {}, n: { p: async () => {} } };
        class C { m() {} static m() {} get m() {} constructor() { this.k = () => {}; } }
        (function () {})(); (function () {})();`),
    ).toMatchInlineSnapshot(`
      [
        "module",
        "function a",
        "function a / arrow returned",
        "function exports.run",
        "arrow b",
        "arrow b / arrow in items.map()",
        "arrow in app.get("/users")",
        "arrow in app.get("/carts")",
        "method o.m",
        "arrow o.n.p",
        "class C / constructor",
        "class C / constructor / arrow this.k",
        "class C / method m",
        "class C / static method m",
        "class C / getter m",
        "function",
        "function#2",
      ]
    `);
  });

  it('keeps keys when a sibling is inserted', () => {
    const before = `app.get('/a', (req) => { x(req); }); class C { m() { return () => 1; } } function g() { return [1].map(v => v); }`;
    const inserted = `app.get('/new', (req) => {}); function h() {} class D { m() {} } ${before}`;
    const keys = keysOf(before);
    expect(keysOf(inserted)).toEqual(expect.arrayContaining(keys));
  });
});
