export declare function withProvider<T>(use: (baseURL: string) => Promise<T>): Promise<T>;
