// What `ear kms --json` printed, on standard input.
export async function address() {
  let text = '';
  for await (const part of process.stdin) text += part;
  return JSON.parse(text);
}

// The refusal that a call must end in.
export async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error(`It was not refused: ${call}`);
}
