//! Pools of pictures and videos that are made before a run and shared by its requests.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use super::{FrameRate, MediaError, PictureFormat, VideoContainer, picture, video};
use crate::rng::{Rng, Stream};

/// The content of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Content {
    /// Generated pictures.
    Picture {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The file format.
        format: PictureFormat,
    },
    /// Generated videos.
    Video {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The number of frames in each.
        frames: u32,
        /// The frame rate.
        rate: FrameRate,
        /// The container of the frames.
        container: VideoContainer,
    },
}

impl Content {
    fn make(&self, rng: &mut Rng) -> Result<Arc<str>, MediaError> {
        let made = match *self {
            Self::Picture { width, height, format } => picture(width, height, format, rng),
            Self::Video { width, height, frames, rate, container } => {
                video(width, height, frames, rate, container, rng)
            }
        };
        made.map(|it| it.data_url().into())
    }
}

/// The limits of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    /// The maximum number of different pictures or videos.
    pub distinct: usize,
    /// The maximum total size of data URLs in bytes; the first is kept at any size.
    pub bytes: usize,
}

/// 64 pictures or 256 MiB, whichever is less.
impl Default for Budget {
    fn default() -> Self {
        Self { distinct: 64, bytes: 256 << 20 }
    }
}

/// Different pictures or videos of one size as data URLs, which are shared and never copied.
///
/// Number `i` follows from the seed and `i`. A pool with a smaller budget holds the first of those that one with a
/// larger budget holds, however many threads made them.
///
/// Those of [`Pool::lazy`] are made on first use.
#[derive(Clone)]
pub struct Pool {
    content: Content,
    seed: u64,
    urls: Arc<[OnceLock<Arc<str>>]>,
}

impl Pool {
    /// Creates a pool of as many pictures as the default [`Budget`] allows, `count` at most.
    ///
    /// # Errors
    ///
    /// When `count` is 0, or the size or the quality is out of bounds.
    pub fn pictures(
        count: usize,
        width: u32,
        height: u32,
        format: PictureFormat,
        seed: u64,
    ) -> Result<Self, MediaError> {
        Self::build(count, &Content::Picture { width, height, format }, Budget::default(), seed)
    }

    /// Creates a pool of as many pictures or videos as the budget allows, `count` at most.
    ///
    /// The first is made alone, and its size decides how many fit the budget. These are made on all processors; those
    /// that do not fit after all, because sizes differ, are removed from the end.
    ///
    /// ```
    /// use genai_bench_core::media::{Budget, Content, FrameRate, Pool, VideoContainer};
    ///
    /// let (rate, container) = (FrameRate::per_second(2.0)?, VideoContainer::Mp4);
    /// let clip = Content::Video { width: 64, height: 48, frames: 2, rate, container };
    /// let pool = Pool::build(3, &clip, Budget::default(), 42)?;
    /// assert_eq!(pool.len(), 3);
    /// # Ok::<(), genai_bench_core::media::MediaError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When `count` is 0, or the content cannot be made.
    pub fn build(count: usize, content: &Content, budget: Budget, seed: u64) -> Result<Self, MediaError> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Self::build_on(threads, count, content, budget, seed)
    }

    fn build_on(
        threads: usize,
        count: usize,
        content: &Content,
        budget: Budget,
        seed: u64,
    ) -> Result<Self, MediaError> {
        let make = |index: usize| made(content, seed, index);
        let (first, fitting) = first(count, content, budget, seed)?;
        let mut urls = vec![first];
        urls.extend(in_parallel(threads, 1..fitting, make)?);
        let mut left = budget.bytes;
        let fits = |url: &Arc<str>| {
            let remains = left.checked_sub(url.len());
            left = remains.unwrap_or_default();
            remains.is_some()
        };
        let kept = urls.iter().map(fits).take_while(|it| *it).count().max(1);
        urls.truncate(kept);
        Ok(Self::with(content, seed, urls, kept))
    }

    /// Creates the pool of [`Pool::build`], with only the first picture or video made at once. Where all of them might
    /// not fit the budget, all are made at once: their number depends on their sizes.
    ///
    /// # Errors
    ///
    /// When `count` is 0, or the content cannot be made.
    pub fn lazy(count: usize, content: &Content, budget: Budget, seed: u64) -> Result<Self, MediaError> {
        let (first, fitting) = first(count, content, budget, seed)?;
        // Pictures of one size differ in bytes, but none is twice as large as another.
        if first.len().saturating_mul(2 * fitting) > budget.bytes {
            return Self::build(count, content, budget, seed);
        }
        Ok(Self::with(content, seed, vec![first], fitting))
    }

    /// Creates a pool of `length`, of which the first are made.
    fn with(content: &Content, seed: u64, made: Vec<Arc<str>>, length: usize) -> Self {
        let mut urls: Vec<OnceLock<Arc<str>>> = made.into_iter().map(OnceLock::from).collect();
        urls.resize_with(length, OnceLock::new);
        Self { content: *content, seed, urls: urls.into() }
    }

    /// Returns the places of `indices` that are not made yet, each once.
    pub(crate) fn missing(&self, indices: impl IntoIterator<Item = u64>) -> BTreeSet<usize> {
        let places = indices.into_iter().map(|index| self.place(index));
        places.filter(|place| self.urls[*place].get().is_none()).collect()
    }

    /// Makes the missing items at these places, on all processors, and calls `made_one` after each.
    pub(crate) fn make(&self, places: &BTreeSet<usize>, made_one: impl Fn() + Sync) {
        let places: Vec<usize> = places.iter().copied().collect();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let make = |number: usize| {
            self.at(places[number]);
            made_one();
            Ok::<(), Infallible>(())
        };
        let Ok(_) = in_parallel(threads, 0..places.len(), make);
    }

    /// Returns the number of different items: at least one.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.urls.len()
    }

    /// Returns the data URL for item `index`: the items repeat after the last one.
    ///
    /// # Panics
    ///
    /// Never: what could be made once can be made again.
    #[must_use]
    pub fn get(&self, index: u64) -> Arc<str> {
        Arc::clone(self.at(self.place(index)))
    }

    fn place(&self, index: u64) -> usize {
        (index % self.urls.len() as u64) as usize
    }

    fn at(&self, place: usize) -> &Arc<str> {
        self.urls[place].get_or_init(|| {
            made(&self.content, self.seed, place)
                .expect("the first of the same size and format could be made")
        })
    }
}

/// Creates item `index`.
fn made(content: &Content, seed: u64, index: usize) -> Result<Arc<str>, MediaError> {
    content.make(&mut Rng::at(seed, Stream::Media, 0, index as u64))
}

/// Creates the first item, and returns the number of items of its length that fit the budget.
fn first(
    count: usize,
    content: &Content,
    budget: Budget,
    seed: u64,
) -> Result<(Arc<str>, usize), MediaError> {
    if count == 0 {
        return Err(MediaError::EmptyPool);
    }
    let first = made(content, seed, 0)?;
    let fitting = (budget.bytes / first.len()).clamp(1, budget.distinct.max(1)).min(count);
    Ok((first, fitting))
}

/// Formats the size only, as the data URLs may have megabytes.
impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: usize = self.urls.iter().filter_map(OnceLock::get).map(|it| it.len()).sum();
        write!(f, "Pool of {} data URLs, {bytes} bytes", self.urls.len())
    }
}

/// Creates all items in `range` on several threads, in order. Of several errors the first in that order is returned.
fn in_parallel<T: Send, E: Send>(
    threads: usize,
    range: Range<usize>,
    make: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(range.start);
    let work = || {
        let mut made = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if !range.contains(&index) {
                return made;
            }
            made.push((index, make(index)));
        }
    };
    let mut made: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(range.len())).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|it| it.join().unwrap_or_else(|it| resume_unwind(it))).collect()
    });
    made.sort_by_key(|it| it.0);
    made.into_iter().map(|it| it.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Content =
        Content::Picture { width: 16, height: 16, format: PictureFormat::Jpeg { quality: 50 } };

    fn urls(pool: &Pool) -> Vec<&str> {
        (0..pool.urls.len()).map(|place| &**pool.at(place)).collect()
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let built = |threads| Pool::build_on(threads, 20, &SMALL, Budget::default(), 7).unwrap();
        let alone = built(1);
        assert_eq!(urls(&alone), urls(&built(7)));
        let distinct: std::collections::HashSet<&str> = urls(&alone).into_iter().collect();
        assert_eq!(distinct.len(), 20);
    }

    #[test]
    fn another_seed_gives_other_pictures() {
        let built = |seed| Pool::build(1, &SMALL, Budget::default(), seed).unwrap().get(0);
        assert_ne!(built(1), built(2));
    }

    #[test]
    fn the_budget_bounds_the_number_and_the_bytes_and_leaves_one() {
        let built = |distinct, bytes| Pool::build(20, &SMALL, Budget { distinct, bytes }, 7).unwrap();
        let all = built(64, 1 << 20);
        assert_eq!((all.len(), built(5, 1 << 20).len(), built(0, 0).len()), (20, 5, 1));
        for bytes in [3_000, 5_000, 9_000] {
            let some = built(64, bytes);
            assert!(urls(&some).iter().map(|it| it.len()).sum::<usize>() <= bytes);
            assert!((2..20).contains(&some.len()), "{some:?}");
            assert_eq!(urls(&some), urls(&all)[..some.len()], "it holds the first of them");
        }
    }

    #[test]
    fn a_lazy_pool_holds_the_same_and_makes_what_is_asked_for() {
        let budget = Budget { distinct: 20, bytes: 1 << 20 };
        let lazy = Pool::lazy(20, &SMALL, budget, 7).unwrap();
        assert_eq!(lazy.missing([0, 3, 3, 23, 4]), [3, 4].into());
        let count = AtomicUsize::new(0);
        lazy.make(&lazy.missing([3, 4]), || _ = count.fetch_add(1, Ordering::Relaxed));
        assert_eq!((count.into_inner(), lazy.missing([3, 4, 5])), (2, [5].into()));
        let built = Pool::build(20, &SMALL, budget, 7).unwrap();
        assert_eq!(urls(&lazy), urls(&built));
    }

    #[test]
    fn a_lazy_pool_near_its_budget_is_as_long_as_one_that_is_built() {
        for bytes in [3_000, 5_000, 9_000, 20_000] {
            let budget = Budget { distinct: 64, bytes };
            let (lazy, built) =
                (Pool::lazy(20, &SMALL, budget, 7).unwrap(), Pool::build(20, &SMALL, budget, 7).unwrap());
            assert_eq!(lazy.len(), built.len(), "{bytes}");
        }
    }

    #[test]
    fn what_is_shared_is_not_copied_and_begins_again_after_the_last() {
        let pool = Pool::build(3, &SMALL, Budget::default(), 7).unwrap();
        assert!(Arc::ptr_eq(&pool.get(1), &pool.get(4)));
        assert!(!Arc::ptr_eq(&pool.get(1), &pool.get(2)));
    }

    #[test]
    fn an_error_is_that_of_the_first_that_cannot_be_made() {
        let odd = |it: usize| if it % 2 == 1 { Err(it) } else { Ok(it) };
        assert_eq!(in_parallel(4, 2..9, odd), Err(3));
        assert_eq!(in_parallel(4, 2..3, odd), Ok(vec![2]));
        assert_eq!(in_parallel(4, 2..2, odd), Ok(vec![]));
        let error = Pool::pictures(0, 8, 8, PictureFormat::Png, 1).unwrap_err();
        assert!(matches!(error, MediaError::EmptyPool));
        let error = Pool::pictures(9, 0, 8, PictureFormat::Png, 1).unwrap_err();
        assert!(matches!(error, MediaError::Side { side: "width", pixels: 0 }));
    }
}
