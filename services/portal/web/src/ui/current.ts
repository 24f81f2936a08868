/** Which of some places an address is in: the one that is most of it. */
export function currentOf(places: readonly { to: string }[], pathname: string): string | undefined {
  const above = places.map((p) => p.to).filter((to) => pathname === to || pathname.startsWith(`${to}/`));
  return above.reduce<string | undefined>((most, to) => (most && most.length > to.length ? most : to), undefined);
}
