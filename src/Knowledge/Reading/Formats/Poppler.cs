using System.Diagnostics;

namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>What poppler's command line tools say at their end.</summary>
internal static class Poppler
{
    /// <summary>What the exit of a tool means for the document; null when it went well.</summary>
    public static Refusal? Verdict(Process process, string errors, ReadLimits limits) => process.ExitCode switch
    {
        0 => null,
        127 => throw new ToolMissingException("poppler-utils is not installed: pdftotext and pdfinfo are needed to read PDF files."),
        _ when errors.Contains("Incorrect password", StringComparison.Ordinal) => Refusals.PasswordProtected,
        _ when errors.Contains("Unsupported security handler", StringComparison.Ordinal) || errors.Contains("Unknown security handler", StringComparison.Ordinal) => Refusals.PasswordProtected,
        _ when errors.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) || errors.Contains("bad_alloc", StringComparison.Ordinal) => Refusals.OutOfMemory,
        // Killed by a signal: 128 + its number through the shell. 24 is the limit on processor time.
        128 + 24 => Refusals.Timeout(limits.CpuTime),
        > 128 => Refusals.Crashed,
        _ => Refusals.Damaged("PDF", "its structure cannot be followed"),
    };
}

/// <summary>A program this room needs is not on the machine. No document's fault: for the operator, not the uploader.</summary>
internal sealed class ToolMissingException(string message) : Exception(message);
