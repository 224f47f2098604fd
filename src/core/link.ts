/** What a signed link is asked to carry (`Libs.Webhooks.getUrlFor`, the API, the CLI). */
export interface LinkRequest {
  command: string;
  content?: string;
  userId?: number;
  /** Absolute http(s) URL without credentials and control characters. */
  redirectTo?: string;
  /** Unix seconds; from that second on the link has expired. */
  exp?: number;
  /** The link works for one successful run. */
  once?: boolean;
}

/** What a link with a good signature says. */
export interface SignedLink {
  botId: number;
  kid: string;
  command: string;
  content: string;
  userId?: number;
  redirectTo?: string;
  exp?: number;
  /** The link's own mark, where it was made with `once`. */
  once?: string;
}
