using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Ear.Local.ServiceBus;

/// <summary>
/// The one writer of the broker's database. Work that waits together is committed together, so that one flush to disk
/// serves all of it; each piece is a savepoint, so that one that fails takes nobody with it.
/// </summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    private const int MaxGroup = 256;

    private readonly SqliteConnection _connection;
    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly Task _loop;

    public GroupCommit(SqliteConnection connection)
    {
        _connection = connection;
        _loop = RunAsync();
    }

    /// <summary>Ends when the work is on disk; <paramref name="committed"/> runs before that, on the writer, in the order of commits.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, Action<T>? committed = null)
    {
        var item = new Work<T>(work, committed);
        await _queue.Writer.WriteAsync(item);
        return await item.Done;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var group = new List<Work>(MaxGroup);
        while (await _queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var item))
                group.Add(item);
            try
            {
                Commit(group);
            }
            catch (SqliteException e)
            {
                foreach (var item in group)
                    item.Fail(e);
                continue;
            }

            foreach (var item in group)
                item.Succeed();
        }
    }

    private void Commit(List<Work> group)
    {
        using var transaction = _connection.BeginTransaction();
        foreach (var item in group)
        {
            transaction.Save("work");
            try
            {
                item.Do(_connection);
                transaction.Release("work");
            }
            catch (Exception e)
            {
                // The caller gets it; the others' work stands.
                transaction.Rollback("work");
                item.Fail(e);
            }
        }

        transaction.Commit();
    }

    private abstract class Work
    {
        public abstract void Do(SqliteConnection connection);

        public abstract void Succeed();

        public abstract void Fail(Exception e);
    }

    private sealed class Work<T>(Func<SqliteConnection, T> work, Action<T>? committed) : Work
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Done => _done.Task;

        public override void Do(SqliteConnection connection) => _result = work(connection);

        public override void Succeed()
        {
            if (_done.Task.IsCompleted)
                return;
            committed?.Invoke(_result!);
            _done.TrySetResult(_result!);
        }

        public override void Fail(Exception e) => _done.TrySetException(e);
    }
}
