import { useCallback, useEffect, useRef, useState } from "react";

/** Keeps a scrolling element at its end while its content grows, until the reader scrolls up. */
export function useStickToEnd() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticking = useRef(true);
  const lastTop = useRef(0);
  const [isAtEnd, setIsAtEnd] = useState(true);

  const toEnd = useCallback((smooth = false) => {
    const element = scroller.current;
    if (!element) return;
    sticking.current = true;
    setIsAtEnd(true);
    element.scrollTo({ top: element.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const distance = element.scrollHeight - element.clientHeight - element.scrollTop;
    // Only an upward move lets go: growth alone also makes a distance.
    if (element.scrollTop < lastTop.current - 2 && distance > 12) sticking.current = false;
    else if (distance < 12) sticking.current = true;
    lastTop.current = element.scrollTop;
    setIsAtEnd(sticking.current || distance < 12);
  }, []);

  useEffect(() => {
    if (!content.current || !scroller.current) return;
    const observer = new ResizeObserver(() => {
      const element = scroller.current;
      if (element && sticking.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(content.current);
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);

  return { scroller, content, onScroll, toEnd, isAtEnd };
}
