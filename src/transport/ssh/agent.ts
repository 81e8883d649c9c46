import { readFile } from 'node:fs/promises';
import ssh2, { type IdentityCallback, type ParsedKey } from 'ssh2';

/** An agent that shows only the keys whose public halves lie beside these files, as `IdentitiesOnly` asks. */
export class AgentOfFiles extends ssh2.OpenSSHAgent {
  readonly #files: readonly string[];

  constructor(socket: string, identityFiles: readonly string[]) {
    super(socket);
    this.#files = identityFiles;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys = []) => {
      if (error) done(error);
      else
        this.#wanted().then(
          (wanted) =>
            done(
              null,
              (keys as ParsedKey[]).filter((key) => wanted.some((one) => one.equals(key.getPublicSSH()))),
            ),
          done,
        );
    });
  }

  async #wanted(): Promise<readonly Buffer[]> {
    const texts = await Promise.all(this.#files.map((file) => readFile(`${file}.pub`).catch(() => '')));
    return texts.flatMap((text) => {
      const key = ssh2.utils.parseKey(text);
      return key instanceof Error ? [] : [key.getPublicSSH()];
    });
  }
}
