namespace Lyceum.Models;

/// <summary>Counts features of one text. Kept per thread and used again, so that embedding allocates nothing but its result.</summary>
internal sealed class WordBag
{
    private const int EntriesKept = 1 << 14;
    private int[] _buckets = new int[256];
    private Entry[] _entries = new Entry[128];
    private char[] _letters = new char[1024];
    private int _lettersUsed;

    [ThreadStatic]
    private static WordBag? _own;

    public static WordBag Own => _own ??= new();

    public int Count { get; private set; }

    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, Count);

    public ReadOnlySpan<char> Letters(in Entry entry) => _letters.AsSpan(entry.LettersAt, entry.LettersLength);

    public void Add(ulong hash, float weight, ReadOnlySpan<char> letters)
    {
        var bucket = (int)(hash & (uint)(_buckets.Length - 1));
        for (var i = _buckets[bucket] - 1; i >= 0; i = _entries[i].Next)
            if (_entries[i].Hash == hash)
            {
                _entries[i].Times++;
                return;
            }

        if (Count == _entries.Length) Grow();
        while (_lettersUsed + letters.Length > _letters.Length) Array.Resize(ref _letters, _letters.Length * 2);
        letters.CopyTo(_letters.AsSpan(_lettersUsed));
        bucket = (int)(hash & (uint)(_buckets.Length - 1));
        _entries[Count] = new() { Hash = hash, Weight = weight, Times = 1, LettersAt = _lettersUsed, LettersLength = letters.Length, Next = _buckets[bucket] - 1 };
        _buckets[bucket] = ++Count;
        _lettersUsed += letters.Length;
    }

    public void Clear()
    {
        if (_entries.Length > EntriesKept)
        {
            (_buckets, _entries, _letters) = (new int[256], new Entry[128], new char[1024]); // one huge text must not cost memory for ever
        }
        else
        {
            foreach (ref readonly var entry in Entries) _buckets[entry.Hash & (uint)(_buckets.Length - 1)] = 0;
        }

        (Count, _lettersUsed) = (0, 0);
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _buckets = new int[_buckets.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            var bucket = _entries[i].Hash & (uint)(_buckets.Length - 1);
            _entries[i].Next = _buckets[bucket] - 1;
            _buckets[bucket] = i + 1;
        }
    }

    public record struct Entry
    {
        public ulong Hash;
        public float Weight;
        public int Times;
        public int LettersAt;
        public int LettersLength;
        public int Next;
    }
}
