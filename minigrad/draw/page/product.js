// Where a number comes from.

/** A card whose cells say how they were computed. */
export function explained(card) {
  return card;
}
