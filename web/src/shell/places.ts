/** Keys for the parts of one fixed text or message: they have no identity but their place, and never move. */
export const withPlaces = <T>(parts: readonly T[]): { key: string; part: T; place: number }[] =>
  parts.map((part, place) => ({ key: String(place), part, place }))
