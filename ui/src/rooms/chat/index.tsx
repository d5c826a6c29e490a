import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const room = () => import("./ChatPage");

export const chatRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/chat",
    component: lazyRouteComponent(room, "NewChatPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/chat/$conversationId",
    component: lazyRouteComponent(room, "ConversationPage"),
  }),
];
