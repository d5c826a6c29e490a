export * from "./client";
export * from "./paging";
export * from "./parts";
export * from "./problem";
export * from "./sse";
export * from "./types";
export * from "./upload";
