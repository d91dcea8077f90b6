/** Someone cannot take part here; the message says why. A row that needs it is skipped with that word. */
export class Absent extends Error {}

export async function orAbsent<T>(pending: Promise<T>): Promise<T | Absent> {
  try {
    return await pending;
  } catch (error) {
    if (error instanceof Absent) return error;
    throw error;
  }
}
