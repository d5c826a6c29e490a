using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;

namespace Lyceum.Host.Cli;

/// <summary>A file to send, and whether the person named it (then the server judges it) or a directory held it.</summary>
internal sealed record LocalFile(string Path, long Bytes, bool Named)
{
    public string Name => System.IO.Path.GetFileName(Path);
}

/// <summary>Which files a list of paths means, and how they are sent.</summary>
internal static class LocalFiles
{
    private const int FilesMax = 100_000;

    /// <summary>
    /// Files, directories with all below them, and patterns such as <c>docs/**/*.pdf</c>, each file once, in the order of the
    /// arguments and then of the names. Hidden files and directories are left out unless named.
    /// </summary>
    public static IReadOnlyList<LocalFile> Find(IEnumerable<string> arguments)
    {
        var found = new List<LocalFile>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            foreach (var (path, named) in Expand(argument))
            {
                if (!seen.Add(Path.GetFullPath(path)))
                {
                    continue;
                }

                if (found.Count == FilesMax)
                {
                    throw new CommandFailed(ExitCode.WrongUsage, "too_many_files", $"More than {FilesMax} files are meant. Name smaller directories, one after the other.");
                }

                found.Add(new LocalFile(path, new FileInfo(path).Length, named));
            }
        }

        return found;
    }

    /// <summary>Requests of at most so many files and bytes; a larger file travels alone.</summary>
    public static IEnumerable<IReadOnlyList<LocalFile>> Batches(IEnumerable<LocalFile> files, int filesMax, long bytesMax)
    {
        var batch = new List<LocalFile>();
        var bytes = 0L;
        foreach (var file in files)
        {
            if (batch.Count > 0 && (batch.Count == filesMax || bytes + file.Bytes > bytesMax))
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }

            batch.Add(file);
            bytes += file.Bytes;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private static IEnumerable<(string Path, bool Named)> Expand(string argument)
    {
        if (File.Exists(argument))
        {
            return [(argument, true)];
        }

        if (Directory.Exists(argument))
        {
            return Below(argument).Select(path => (path, false));
        }

        if (argument.AsSpan().ContainsAny('*', '?'))
        {
            var matches = Match(argument);
            return matches.Count > 0
                ? matches.Select(path => (path, true))
                : throw new CommandFailed(ExitCode.NotFound, "no_such_file", $"Nothing matches '{argument}'.");
        }

        throw new CommandFailed(ExitCode.NotFound, "no_such_file", $"There is no file or directory '{argument}'.");
    }

    private static IEnumerable<string> Below(string directory)
    {
        // Links are not followed: a loop would have no end.
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true, IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
        };
        return Directory.EnumerateFiles(directory, "*", options).Order(StringComparer.Ordinal);
    }

    private static List<string> Match(string pattern)
    {
        // The part before the first wildcard is a place; the rest is the pattern.
        var parts = pattern.Split('/');
        var fixedParts = parts.TakeWhile(part => !part.AsSpan().ContainsAny('*', '?')).ToList();
        var place = fixedParts.Count == 0 ? "." : string.Join('/', fixedParts) is { Length: > 0 } joined ? joined : "/";
        if (!Directory.Exists(place))
        {
            return [];
        }

        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(string.Join('/', parts.Skip(fixedParts.Count)));
        return [.. matcher.Execute(new DirectoryInfoWrapper(new DirectoryInfo(place))).Files.Select(file => Path.Combine(place, file.Path)).Order(StringComparer.Ordinal)];
    }
}
