using System.Runtime.InteropServices;

namespace Lyceum.Knowledge.Reading;

/// <summary>
/// What Linux does for us: a process group of the child's own, so that all of it can be killed at once, and limits the
/// kernel enforces even when the child no longer answers. On other systems only the clock and the heap limit remain.
/// </summary>
internal static class Confinement
{
    private const int Kill = 9;
    private const int LimitCpu = 0;
    private const int LimitFileSize = 1;
    private const int LimitData = 2;
    private const int LimitCore = 4;

    // Stacks, code and the runtime's own tables count as data too; the heap limit and the parent's watch are tighter.
    private const long DataBesideHeap = 512L << 20;

    /// <summary>Called by the child on itself, before it looks at the document.</summary>
    public static void Enter(ReadLimits limits)
    {
        if (!OperatingSystem.IsLinux())
            return;

        _ = setsid();
        Limit(LimitCpu, (long)Math.Ceiling(limits.CpuTime.TotalSeconds));
        Limit(LimitFileSize, AnswerBytesMax(limits));
        Limit(LimitData, limits.MemoryBytes + DataBesideHeap);
        Limit(LimitCore, 0);
    }

    /// <summary>Kills the group a child made, and with it what the child started.</summary>
    public static void KillGroup(int process)
    {
        if (OperatingSystem.IsLinux() && process > 1)
            _ = kill(-process, Kill);
    }

    /// <summary>Called by the child when its parent is gone.</summary>
    public static void KillOwnGroup()
    {
        if (OperatingSystem.IsLinux() && getpgrp() == Environment.ProcessId)
            _ = kill(0, Kill);
        Environment.Exit(1);
    }

    /// <summary>Physical memory of a process, or 0 when it cannot be told.</summary>
    public static long Resident(int process)
    {
        try
        {
            var fields = File.ReadAllText($"/proc/{process}/statm").Split(' ');
            return long.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            // It has just ended, or this is not Linux.
            return 0;
        }
    }

    /// <summary>The largest answer a child can honestly write: text as JSON, and its blocks.</summary>
    public static long AnswerBytesMax(ReadLimits limits) => (limits.Characters * 12L) + (64L << 20);

    private static void Limit(int resource, long value)
    {
        var limit = new ResourceLimit { Soft = (ulong)value, Hard = (ulong)value + (resource == LimitCpu ? 1UL : 0) };
        // Refused only where a tighter limit is in force already, which is as good.
        _ = setrlimit(resource, in limit);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setsid();

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getpgrp();

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setrlimit(int resource, in ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
