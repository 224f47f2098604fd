import { expect, test } from "vitest";
import { createClientIp } from "../../src/http/client-ip.ts";

const behindProxies = createClientIp(["10.0.0.0/8", "fd00::/8"]);

test.each([
  ["203.0.113.9", "1.1.1.1", "203.0.113.9", "a peer that is no proxy"],
  ["::ffff:203.0.113.9", undefined, "203.0.113.9", "a peer mapped into IPv6"],
  ["10.0.0.1", "203.0.113.9", "203.0.113.9", "one proxy"],
  ["::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9", "a proxy mapped into IPv6"],
  ["10.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.3.4", "203.0.113.9", "two proxies and a forged hop"],
  ["10.0.0.1", "203.0.113.9,\t10.2.3.4 ", "203.0.113.9", "blanks between hops"],
  ["fd00::1", "2001:db8::1", "2001:db8::1", "IPv6"],
  ["10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1", "a port after IPv6"],
  ["10.0.0.1", "203.0.113.9:4711", "203.0.113.9", "a port after IPv4"],
  ["10.0.0.1", "fe80::1%eth0", "fe80::1", "a zone"],
  ["10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9", "a mapped hop"],
  ["10.0.0.1", "203.0.113.9, garbage, 10.2.3.4", "10.2.3.4", "garbage: the last good hop"],
  ["10.0.0.1", "203.0.113.9, unknown", "10.0.0.1", "garbage first"],
  ["10.0.0.1", "203.0.113.9,", "10.0.0.1", "an empty hop"],
  ["10.0.0.1", "0x7f.1", "10.0.0.1", "a short form of IPv4"],
  ["10.0.0.1", "010.0.0.1", "10.0.0.1", "an octal form of IPv4"],
  ["10.0.0.1", "10.9.9.9, 10.2.3.4", "10.9.9.9", "proxies only"],
  ["10.0.0.1", undefined, "10.0.0.1", "no header"],
  ["11.0.0.1", "203.0.113.9", "11.0.0.1", "a peer whose text looks like a proxy's"],
  [undefined, "203.0.113.9", "", "a peer without an address"],
])("peer %s with %j is %s: %s", (...[peer, forwardedFor, address]) => {
  expect(behindProxies(peer, forwardedFor)).toBe(address);
});

test("believes nobody where no proxy is trusted", () => {
  expect(createClientIp([])("127.0.0.1", "203.0.113.9")).toBe("127.0.0.1");
});

test("refuses a list that holds no CIDR", () => {
  expect(() => createClientIp(["ten"])).toThrow();
});
