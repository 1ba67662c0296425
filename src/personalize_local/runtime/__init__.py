"""Inference: get_recommendations, get_personalized_ranking."""
