export const providersKey = ["identity-providers"];
