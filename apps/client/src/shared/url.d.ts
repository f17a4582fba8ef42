// The URL that browsers and Node both have (https://url.spec.whatwg.org), as far as `shared` uses it: this folder is compiled with
// neither of the two.

declare class URL {
  static canParse(text: string): boolean;
  constructor(text: string);
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
}
