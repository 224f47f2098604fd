import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Whose request it is. The peer's address, unless the peer is a trusted proxy: then X-Forwarded-For is walked from the
 * right, and the first address that is no trusted proxy counts. What a caller writes further left is never believed.
 *
 * @param trustedProxies CIDRs; throws for one that is none
 * @returns a function giving the address as text: IPv4 also where it came mapped into IPv6, without port and zone; ""
 *   for a peer without an address
 */
export function createClientIp(trustedProxies: readonly string[]) {
  const ranges = trustedProxies.map((cidr) => ipaddr.parseCIDR(cidr));
  const isTrusted = (address: Address) =>
    ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));

  return function clientIp(peer: string | undefined, forwardedFor: string | undefined): string {
    let last = readAddress(peer ?? "");
    if (last === undefined) return "";
    for (const hop of (forwardedFor ?? "").split(",").reverse()) {
      if (!isTrusted(last)) break;
      const address = readAddress(stripPort(hop.trim()));
      if (address === undefined) break; // garbage: the hops to the right of it are all we know
      last = address;
    }
    return last.toString();
  };
}

/** The same for a request as Node hands it over. */
export function createRequestIp(trustedProxies: readonly string[]) {
  const clientIp = createClientIp(trustedProxies);
  return ({ socket, headers }: IncomingMessage): string => {
    const forwardedFor = headers["x-forwarded-for"];
    return clientIp(socket.remoteAddress, Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor);
  };
}

function stripPort(hop: string): string {
  const bracketed = /^\[([^\]]*)\](?::[0-9]{1,5})?$/.exec(hop);
  const [, v4] = /^([0-9.]+):[0-9]{1,5}$/.exec(hop) ?? [];
  return bracketed?.[1] ?? v4 ?? hop;
}

/** Four decimal parts or IPv6: the short and octal forms of IPv4 that parsers also take are garbage here. */
function readAddress(text: string): Address | undefined {
  const [bare = ""] = text.split("%", 1);
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : undefined;
}
