using Microsoft.DurableTask.Client;

namespace Ear.Functions.Durable;

/// <summary>The task hub, as what runs now may speak to it. Asked anew for each call, never kept: see <see cref="InvocationTaskHub"/>.</summary>
public interface ITaskHub
{
    /// <exception cref="InvalidOperationException">What runs now was given no client.</exception>
    DurableTaskClient Client { get; }
}
