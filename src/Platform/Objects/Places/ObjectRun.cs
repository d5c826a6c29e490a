namespace Lyceum.Platform;

/// <summary>How much of the installation's files is in one place and state.</summary>
public sealed record ObjectTotals(string Backend, string Bucket, string Status, long Objects, long Bytes);

/// <summary>A file without its bytes (missing), with other bytes than were stored (differs), or bytes that no file knows (unknown).</summary>
public sealed record ObjectFault(string Kind, Guid TenantId, Guid ObjectId, string Backend, long Bytes);

/// <summary>
/// Work over all files. Kind is move or check; status is running, completed or failed, which a move is when files had to be left where they were.
/// Faults holds the first hundred of what does not match.
/// </summary>
public sealed record ObjectRun(
    Guid Id, string Kind, string Status, long ObjectsTotal, long BytesTotal, long ObjectsDone, long BytesDone,
    long MissingObjects, long MissingBytes, long UnknownObjects, long UnknownBytes, IReadOnlyList<ObjectFault> Faults, DateTimeOffset StartedAt, DateTimeOffset? EndedAt);

/// <summary>Where the installation's files lie: new ones go to backend and bucket; what lies elsewhere can be moved there.</summary>
public sealed record StoragePlaces(
    string Backend, string Bucket, IReadOnlyList<ObjectTotals> Places, long ObjectsElsewhere, long BytesElsewhere, ObjectRun? Move, ObjectRun? Check);

/// <summary>What a run found so far; a run that is taken up again begins with none.</summary>
internal sealed class ObjectTally
{
    private const int MostFaults = 100;
    private readonly List<ObjectFault> _faults = [];

    public long Done { get; private set; }

    public long DoneBytes { get; private set; }

    public long Missing { get; private set; }

    public long MissingBytes { get; private set; }

    public long Unknown { get; private set; }

    public long UnknownBytes { get; private set; }

    public IReadOnlyList<ObjectFault> Faults => _faults;

    public void Add(long bytes) => (Done, DoneBytes) = (Done + 1, DoneBytes + bytes);

    public void Add(ObjectFault fault)
    {
        if (fault.Kind == "unknown")
        {
            (Unknown, UnknownBytes) = (Unknown + 1, UnknownBytes + fault.Bytes);
        }
        else
        {
            (Missing, MissingBytes) = (Missing + 1, MissingBytes + fault.Bytes);
        }

        if (_faults.Count < MostFaults)
        {
            _faults.Add(fault);
        }
    }
}
