namespace Lyceum.Stub;

/// <summary>
/// Decides how a request is answered: the queue first (each entry once), then what was set for the model,
/// then the built-in meaning of the model's name, then <see cref="Default"/>.
/// </summary>
public sealed class StubScript
{
    private readonly Lock _lock = new();
    private readonly List<(StubBehaviour Behaviour, int Left)> _queue = [];
    private readonly Dictionary<string, StubBehaviour> _models = new(StringComparer.Ordinal);
    private StubBehaviour _default = new();

    public StubBehaviour Default
    {
        get { lock (_lock) return _default; }
        set { lock (_lock) _default = value; }
    }

    public int Waiting
    {
        get { lock (_lock) return _queue.Count; }
    }

    /// <summary>The next requests that match are answered so, one entry each, in order.</summary>
    public void Next(params ReadOnlySpan<StubBehaviour> behaviours)
    {
        lock (_lock)
            foreach (var behaviour in behaviours) _queue.Add((behaviour, Math.Max(1, behaviour.Times)));
    }

    /// <summary>Every request for this model is answered so, until it is set again.</summary>
    public void ForModel(string model, StubBehaviour behaviour)
    {
        lock (_lock) _models[model] = behaviour;
    }

    internal bool IsHeld(string? model)
    {
        lock (_lock) return model is not null && _models.TryGetValue(model, out var behaviour) && behaviour.HoldAfterTokens is not null;
    }

    public void Reset()
    {
        lock (_lock)
        {
            _queue.Clear();
            _models.Clear();
            _default = new();
        }
    }

    internal StubBehaviour For(string route, string? model)
    {
        lock (_lock)
        {
            for (var i = 0; i < _queue.Count; i++)
            {
                var (behaviour, left) = _queue[i];
                if (!Matches(behaviour, route, model)) continue;
                if (left > 1) _queue[i] = (behaviour, left - 1);
                else _queue.RemoveAt(i);
                return behaviour;
            }

            if (model is not null && _models.TryGetValue(model, out var set)) return set;
            if (model is not null && StubModels.Named.TryGetValue(model, out var named)) return named;
            return _default;
        }
    }

    private static bool Matches(StubBehaviour behaviour, string route, string? model) =>
        (behaviour.Route is null ? route is "chat" or "embeddings" : behaviour.Route == route)
        && (behaviour.Model is null || behaviour.Model == model);
}
