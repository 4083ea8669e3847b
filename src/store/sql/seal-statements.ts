/** The statements about the chain of an operation, and what is sealed of it. */
export function sealTexts() {
  return {
    /** What leads to a place: from the last entry that has a hash, or from the first. */
    entriesBefore: `select seq, hash, record_hash, body from events where operation = :operation and seq < :seq
      and seq >= coalesce((select max(seq) from events where operation = :operation and seq < :seq
        and hash is not null), 0) order by seq`,
    addUnsealed: addUnsealed('true'),
  };
}

/** From its beginning on an operation waits for being sealed, whichever release ends it. */
export function addUnsealed(when: string): string {
  return `insert into unsealed (operation) select cast(:operation as text) where ${when}`;
}
