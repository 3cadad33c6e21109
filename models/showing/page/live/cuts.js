// Cut edges: where a word may not attend to another one. Its score is masked, and softmax gives its
// weight to the others.

/** The edges that are cut, in the order in which they were cut.
 *
 * An edge has a layer, a head (null: all heads), a row (the word that attends) and a column (the
 * word it attends to). A whole head is cut, too: it has neither row nor column, and passes nothing
 * on.
 */
export class Cuts {
  constructor(list = []) {
    this.list = list;
  }

  /** True if the edge is cut, in this head or in all. */
  has(layer, head, row, column) {
    return this.list.some((cut) => cut.row !== null && cut.layer === layer && cut.row === row
      && cut.column === column && (cut.head === null || cut.head === head));
  }

  /** True if the whole head is cut. */
  hasHead(layer, head) {
    return this.list.some((cut) => cut.row === null && cut.layer === layer && cut.head === head);
  }

  /** Cut an edge or a head; if it is cut already, mend it. */
  toggle(edge) {
    const parts = Object.keys(edge);
    const others = this.list.filter((cut) => parts.some((part) => cut[part] !== edge[part]));
    this.list = others.length < this.list.length ? others : [...this.list, edge];
  }

  /** Mend the last edge that was cut. */
  undo() {
    this.list = this.list.slice(0, -1);
  }

  /** Mend all edges. */
  clear() {
    this.list = [];
  }
}

export const NONE = new Cuts();
