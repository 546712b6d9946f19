import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, CodecError } from '../../../server/src/base/bytes';
import { wildString } from './randomGraph';

const unsigned = fc.oneof(
  fc.nat(300),
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(127, 128, 0xffff_ffff),
);
const signed = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer());
const safe = fc.oneof(fc.nat(300), fc.maxSafeNat());
const float = fc.double({ noNaN: true });

describe('packed bytes', () => {
  it('give back what was written, in sequence', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(unsigned, signed, safe, float, wildString, fc.array(wildString))), (rows) => {
        const out = new ByteWriter(1);
        for (const [a, b, c, d, e, f] of rows) {
          out.varint(a);
          out.zigzag(b);
          out.safeInteger(c);
          out.float(d);
          out.text(e);
          out.texts(f);
          out.block(out.toBytes().slice(-3));
        }
        const reader = new ByteReader(out.toBytes());
        for (const [a, b, c, d, e, f] of rows) {
          expect(reader.varint()).toBe(a);
          expect(reader.zigzag()).toBe(b);
          expect(reader.safeInteger()).toBe(c);
          expect(reader.float()).toBe(d);
          expect(reader.text()).toBe(e);
          expect(reader.texts()).toEqual(f);
          expect(reader.block()).toHaveLength(3);
        }
        reader.end();
      }),
    );
  });

  it('end where they end', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2), 0, 1);
    expect(reader.varint()).toBe(1);
    expect(() => reader.byte()).toThrow(CodecError);
    expect(() => new ByteReader(Uint8Array.of(1), 0, 2)).toThrow(CodecError);
    expect(() => new ByteReader(Uint8Array.of(0x80)).varint()).toThrow(CodecError);
    expect(() => new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 1)).varint()).toThrow(CodecError);
    expect(() => new ByteReader(new Uint8Array(12).fill(0xff)).safeInteger()).toThrow(CodecError);
    expect(() => new ByteReader(Uint8Array.of(1, 1)).end()).toThrow(CodecError);
    expect(() => new ByteReader(Uint8Array.of(200, 200, 1)).count()).toThrow(CodecError);
    expect(() => new ByteReader(Uint8Array.of(7)).text()).toThrow(CodecError);
  });

  it('refuse numbers they can not hold', () => {
    const out = new ByteWriter();
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => out.safeInteger(value)).toThrow(RangeError);
    expect(out.position).toBe(0);
  });
});
