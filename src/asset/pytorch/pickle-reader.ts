import { type ByteCursor, latin1, refuseCheckpoint } from './byte-cursor.js';
import { PickleMachine, type UnpickleOptions } from './pickle-machine.js';
import { PickleDict, type PickleValue } from './pickle-values.js';

/** Caps beside those of the machine. */
const LIMITS = { steps: 2_000_000, line: 512, integerBytes: 64 } as const;

/**
 * Reads one pickle (protocols 0 to 5) without running anything: what is no plain data is made by our own few functions or refused.
 * @param cursor stands at the pickle's start, and behind its end afterwards
 * @throws NeuralSdfError CHECKPOINT_UNSAFE naming a global that is not allowed, CHECKPOINT_INVALID when damaged or beyond the caps
 */
export function unpickle(cursor: ByteCursor, options: UnpickleOptions): PickleValue {
  const machine = new PickleMachine(options);
  for (let step = 0; step < LIMITS.steps; step++) {
    const code = cursor.uint8();
    if (code === STOP) return machine.finish();
    const instruction = INSTRUCTIONS.get(code);
    if (!instruction) return refuseCheckpoint(`pickle instruction 0x${code.toString(16)} at byte ${cursor.at - 1} is not read`);
    instruction(machine, cursor);
  }
  return refuseCheckpoint(`the pickle takes more than ${LIMITS.steps} steps`);
}

const STOP = 0x2e;
const UTF8 = new TextDecoder();

/** By code; names as in Python's pickletools. Not there: EXT and NEWOBJ_EX, sets and out-of-band buffers, which no checkpoint has. */
const INSTRUCTIONS = new Map<number, (machine: PickleMachine, cursor: ByteCursor) => void>([
  op(0x80, 'PROTO', (_, c) => void (c.uint8() > 5 && refuseCheckpoint('pickle protocol above 5'))),
  op(0x95, 'FRAME', (_, c) => void c.take(8)),
  op('(', 'MARK', (m) => m.mark()),
  op('0', 'POP', (m) => m.discard()),
  op('1', 'POP_MARK', (m) => void m.popToMark()),
  op('2', 'DUP', (m) => m.push(m.top())),

  op('N', 'NONE', (m) => m.push(null)),
  op(0x88, 'NEWTRUE', (m) => m.push(true)),
  op(0x89, 'NEWFALSE', (m) => m.push(false)),
  op('I', 'INT', (m, c) => m.push(integerOf(c.line(LIMITS.line)))),
  op('L', 'LONG', (m, c) => m.push(integerOf(c.line(LIMITS.line)))),
  op('J', 'BININT', (m, c) => m.push(c.int32())),
  op('K', 'BININT1', (m, c) => m.push(c.uint8())),
  op('M', 'BININT2', (m, c) => m.push(c.uint16())),
  op(0x8a, 'LONG1', (m, c) => m.push(longOf(c.take(c.uint8())))),
  op(0x8b, 'LONG4', (m, c) => m.push(longOf(c.take(c.uint32())))),
  op('F', 'FLOAT', (m, c) => m.push(Number(c.line(LIMITS.line)))),
  op('G', 'BINFLOAT', (m, c) => m.push(c.float64BigEndian())),

  op('X', 'BINUNICODE', (m, c) => m.push(UTF8.decode(c.take(c.uint32())))),
  op(0x8c, 'SHORT_BINUNICODE', (m, c) => m.push(UTF8.decode(c.take(c.uint8())))),
  op(0x8d, 'BINUNICODE8', (m, c) => m.push(UTF8.decode(c.take(c.uint64())))),
  // Escapes stay as they are: names of tensors have none.
  op('V', 'UNICODE', (m, c) => m.push(c.line(LIMITS.line))),
  op('S', 'STRING', (m, c) => m.push(c.line(LIMITS.line).replace(/^(['"])(.*)\1$/, '$2'))),
  // Python 2 wrote its keys with these two.
  op('T', 'BINSTRING', (m, c) => m.push(latin1(c.take(c.uint32())))),
  op('U', 'SHORT_BINSTRING', (m, c) => m.push(latin1(c.take(c.uint8())))),
  op('B', 'BINBYTES', (m, c) => m.push(c.take(c.uint32()))),
  op('C', 'SHORT_BINBYTES', (m, c) => m.push(c.take(c.uint8()))),
  op(0x8e, 'BINBYTES8', (m, c) => m.push(c.take(c.uint64()))),
  op(0x96, 'BYTEARRAY8', (m, c) => m.push(c.take(c.uint64()))),

  op(')', 'EMPTY_TUPLE', (m) => m.push([])),
  op('t', 'TUPLE', (m) => m.push(m.popToMark())),
  op(0x85, 'TUPLE1', (m) => m.push(m.popMany(1))),
  op(0x86, 'TUPLE2', (m) => m.push(m.popMany(2))),
  op(0x87, 'TUPLE3', (m) => m.push(m.popMany(3))),
  op(']', 'EMPTY_LIST', (m) => m.push([])),
  op('l', 'LIST', (m) => m.push(m.popToMark())),
  op('a', 'APPEND', (m) => m.append([m.pop()])),
  op('e', 'APPENDS', (m) => m.append(m.popToMark())),
  op('}', 'EMPTY_DICT', (m) => m.push(new PickleDict())),
  op('d', 'DICT', (m) => {
    const items = m.popToMark();
    m.push(new PickleDict());
    m.setItems(items);
  }),
  op('s', 'SETITEM', (m) => m.setItems(m.popMany(2))),
  op('u', 'SETITEMS', (m) => m.setItems(m.popToMark())),

  op('p', 'PUT', (m, c) => m.remember(Number(integerOf(c.line(LIMITS.line))))),
  op('q', 'BINPUT', (m, c) => m.remember(c.uint8())),
  op('r', 'LONG_BINPUT', (m, c) => m.remember(c.uint32())),
  op(0x94, 'MEMOIZE', (m) => m.remember()),
  op('g', 'GET', (m, c) => m.recall(Number(integerOf(c.line(LIMITS.line))))),
  op('h', 'BINGET', (m, c) => m.recall(c.uint8())),
  op('j', 'LONG_BINGET', (m, c) => m.recall(c.uint32())),

  op('c', 'GLOBAL', (m, c) => m.pushGlobal(c.line(LIMITS.line), c.line(LIMITS.line))),
  op(0x93, 'STACK_GLOBAL', (m) => {
    const [module, name] = m.popMany(2);
    m.pushGlobal(String(module), String(name));
  }),
  op('i', 'INST', (m, c) => {
    m.pushGlobal(c.line(LIMITS.line), c.line(LIMITS.line));
    const callable = m.pop();
    m.call(callable, m.popToMark());
  }),
  op('o', 'OBJ', (m) => {
    const [callable, ...parameters] = m.popToMark();
    m.call(callable ?? null, parameters);
  }),
  op('R', 'REDUCE', (m) => callTop(m)),
  op(0x81, 'NEWOBJ', (m) => callTop(m)),
  op('b', 'BUILD', (m) => m.build()),
  op('Q', 'BINPERSID', (m) => m.pushPersistent(m.pop())),
  op('P', 'PERSID', (m, c) => m.pushPersistent(c.line(LIMITS.line))),
]);

function op(
  code: number | string,
  _name: string,
  run: (machine: PickleMachine, cursor: ByteCursor) => void,
): [number, (machine: PickleMachine, cursor: ByteCursor) => void] {
  return [typeof code === 'string' ? code.charCodeAt(0) : code, run];
}

function callTop(machine: PickleMachine): void {
  const [callable, parameters] = machine.popMany(2);
  machine.call(callable, parameters);
}

/** '12', '12L' as Python 2 wrote it, '00' and '01' for booleans. */
function integerOf(text: string): number | bigint | boolean {
  if (text === '00' || text === '01') return text === '01';
  if (!/^-?\d+L?$/.test(text)) return refuseCheckpoint(`'${text.slice(0, 40)}' is no integer`);
  return small(BigInt(text.replace('L', '')));
}

/** Two's complement, little-endian. */
function longOf(bytes: Uint8Array): number | bigint {
  if (bytes.length > LIMITS.integerBytes) return refuseCheckpoint(`an integer of ${bytes.length} bytes`);
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return small(BigInt.asIntN(8 * bytes.length, value));
}

function small(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
