/** Told of about how many bytes were written for whom. */
export type WrittenListener = (by: string, bytes: number) => void;
