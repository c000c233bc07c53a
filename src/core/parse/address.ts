/**
 * An address in the spelling of RFC 5952, which conntrack, ip6tables and nft print (inet_ntop of the C library); the kernel
 * itself prints all 32 digits (`%pI6`: lib/vsprintf.c, ip6_string). Addresses are compared and handed to tools as text, so
 * every one that was read goes through here.
 *
 * @param text an IPv4 address, or IPv6 in any spelling; anything else is returned as it is
 */
export function canonicalAddress(text: string): string {
  // A dotted end is an IPv4 address in IPv6 clothes, which the two print differently.
  if (!text.includes(':') || text.includes('.')) return text;
  const host = `http://[${text}]/`;
  return URL.canParse(host) ? new URL(host).hostname.slice(1, -1) : text;
}
