// Opens connections at a steady pace, or as many as it can without being late itself, and prints when each began (milliseconds since the epoch) and how long it took to
// open, or -1. It ends early where its input does. Arguments: address, port, connections a second, seconds, local address of every fifth
// or nothing.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [host, port, rate, seconds, localAddress] = process.argv.slice(2);
const opened = [];
const began = performance.now();
process.stdin.resume().unref();

function open(index) {
  return new Promise((settle) => {
    const from = performance.now();
    const epoch = performance.timeOrigin + from;
    const options = { host, port: Number(port) };
    const socket = connect(localAddress && index % 5 === 0 ? { ...options, localAddress } : options);
    const end = (took) => {
      opened.push([Math.round(epoch * 1000) / 1000, took]);
      socket.destroy();
      settle();
    };
    socket.setTimeout(6000, () => end(-1));
    socket.on('connect', () => end(performance.now() - from));
    socket.on('error', () => end(-1));
  });
}

/** What was missed while the machine was busy is not made up for: it would only be busier, and all of them late. */
const MOST_DUE = Math.max(2, Math.ceil(Number(rate) / 100));
/** Two that begin together wait for each other: one such pair a second would be all of the slowest hundredth. */
const MOST_AT_ONCE = Number(rate) <= 200 ? 1 : MOST_DUE;

const all = [];
let due = 0;
let last = began;
while (!process.stdin.readableEnded && last - began < Number(seconds) * 1000) {
  const now = performance.now();
  due = Math.min(due + ((now - last) / 1000) * Number(rate), MOST_DUE);
  last = now;
  for (let many = 0; due >= 1 && many < MOST_AT_ONCE; due--, many++) all.push(open(all.length));
  await sleep(4);
}
await Promise.all(all);
process.stdout.write(JSON.stringify(opened));
